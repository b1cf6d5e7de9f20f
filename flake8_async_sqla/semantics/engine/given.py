"""What calls give for the parameters and fields that a string is made of, while that string is read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import TypeAlias, TypeVar

from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.callers import named
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.constructions import field_values, initializer_of
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.types import Function, ProjectClass, ProjectInstance, Type

# By parameter, or by the statement that declares a field.
Given: TypeAlias = dict[ast.AST, tuple[Module, ast.expr]]
T = TypeVar("T")
_calls: list[Given] = []
_defaults: list[bool] = []
_read: dict[tuple[ast.ClassDef, str], int] = {}
MAX_WAYS = 256


@contextmanager
def giving(values: Given) -> Iterator[None]:
    """Let what a call gives stand for its parameters inside the block."""
    _calls.append(values)
    try:
        yield
    finally:
        _calls.pop()


@contextmanager
def defaults_too() -> Iterator[None]:
    """Let what a field is by default be read as well inside the block, though every call gives something else."""
    _defaults.append(True)
    try:
        yield
    finally:
        _defaults.pop()


def reading() -> bool:
    """Tell whether a string is read as one call makes it, which is not what it may be elsewhere."""
    return any(_calls) or bool(_defaults)


def given(node: ast.AST, read: Callable[[Module, ast.expr], T]) -> T | None:
    """Read what the innermost call that says so gives for a parameter or field; ``None`` if none does.

    Args:
        node: The parameter, or the statement that declares the field.
        read: Reads the expression, as the caller means it.
    """
    for depth in reversed(range(len(_calls))):
        if node in _calls[depth]:
            inner = _calls[depth:]
            del _calls[depth:]
            try:
                return read(*inner[0][node])
            finally:
                _calls.extend(inner)
    return None


@contextmanager
def reading_attribute(cls: ProjectClass, name: str, ways: int) -> Iterator[bool]:
    """Tell whether an attribute can be read: not if it is made of itself, nor if there are too many ways to make it.

    Args:
        cls: The class.
        name: The attribute.
        ways: In how many ways objects of the class are made.
    """
    entry = (cls.node, name)
    if entry in _read or ways * prod(_read.values()) > MAX_WAYS:
        yield False
        return
    _read[entry] = ways
    try:
        yield True
    finally:
        del _read[entry]


def by_call(module: Module, function: Function, call: ast.Call) -> Given:
    """Collect what a call gives for the parameters of a function, and its object for those of its constructor."""
    pairs = paired(function, call.args, call.keywords)
    return {**by_object(function.receiver), **{parameter: (module, value) for parameter, value in pairs}}


def by_object(holder: Type | None) -> Given:
    """Collect what an object was made of: what its ``__init__`` got, or its fields."""
    if not isinstance(holder, ProjectInstance) or holder.origin is None:
        return {}
    return _of_construction(holder.cls, holder.origin.module, holder.origin.call)


def makings(holder: Type) -> list[Given]:
    """Collect what an object may have been made of: by its own call, or by any where that is not seen."""
    if not isinstance(holder, ProjectInstance):
        return [{}]
    cls = holder.cls
    unseen: list[Given] = [{}] if _defaults else []
    if holder.origin is not None or any(cls.node in values for values in _calls):
        return [by_object(holder), *unseen]
    calls: list[Given] = cls.module.cached(("makings", cls.node), lambda: [*_constructions(cls)])
    return [*calls, *unseen] or [{}]


def _constructions(cls: ProjectClass) -> Iterator[Given]:
    for place in [cls.module, *importers(cls.module)]:
        for use in named(place, cls.node.name) if cls.node.name in place.text else ():
            call = place.parent(use)
            if isinstance(call, ast.Call) and call.func is use and place.type_of(use) == cls:
                yield _of_construction(cls, place, call)


def _of_construction(cls: ProjectClass, module: Module, call: ast.Call) -> Given:
    classes = [item for item in lineage(cls) if isinstance(item, ProjectClass)]
    found: Given = {item.node: (module, call) for item in classes}
    if (initializer := initializer_of(cls)) is not None:
        pairs = paired(Function(initializer.module, initializer.node, ProjectInstance(cls)), call.args, call.keywords)
        return {**found, **{parameter: (module, value) for parameter, value in pairs}}
    for name, value in [*field_values(cls, call), *((item.arg or "", item.value) for item in call.keywords)]:
        for item in classes:
            found.update({binding.node: (module, value) for binding in scope_of_class(item).names.get(name, ())})
    return found


def assigned(cls: ProjectClass, name: str) -> list[tuple[Module, ast.expr]]:
    """List what is assigned to an attribute outside of its class: ``settings.url = ...``."""
    return cls.module.cached(("assigned", cls.node, name), lambda: [*_assigned(cls, name)])


def _assigned(cls: ProjectClass, name: str) -> Iterator[tuple[Module, ast.expr]]:
    for place in [cls.module, *importers(cls.module)]:
        for use in named(place, name) if name in place.text else ():
            statement = place.parent(use)
            if not isinstance(use, ast.Attribute) or not isinstance(statement, (ast.Assign, ast.AnnAssign)):
                continue
            holder = place.type_of(use.value) if isinstance(use.ctx, ast.Store) else None
            inside = any(outer is cls.node for outer in place.ancestors(use))
            if isinstance(holder, ProjectInstance) and cls in lineage(holder.cls) and statement.value and not inside:
                yield place, statement.value
