"""What calls give for the parameters and fields that a string is made of, while that string is read."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import TypeVar

from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.callers import named
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.constructions import field_values, initializer_of
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.types import Function, ProjectClass, ProjectInstance, Type

# By parameter, or by the statement that declares a field.
Given = dict[ast.AST, tuple[Module, ast.expr]]
T = TypeVar("T")
_calls: list[Given] = []
_searches: list[bool] = []
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
def searching(*, defaults: bool = False) -> Iterator[None]:
    """Let the whole project be searched inside the block for what objects are made of and what their attributes become.

    Args:
        defaults: Whether what a field is by default is read as well, though every call gives something else.
    """
    _searches.append(defaults)
    try:
        yield
    finally:
        _searches.pop()


def searched() -> bool:
    """Tell whether the whole project is searched."""
    return bool(_searches)


def reading() -> bool:
    """Tell whether a string is read as one call makes it, which is not what it may be elsewhere."""
    return any(_calls) or any(_searches)


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
def _once(cls: ProjectClass, name: str, ways: int) -> Iterator[bool]:
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


class _Asked(Given):
    """Nothing is given: it notes whether somebody asks what the calls that make an object of a class give."""

    def __init__(self, cls: ProjectClass) -> None:
        super().__init__()
        self.cls = cls
        self.asked = False

    def __bool__(self) -> bool:
        return True  # what is read meanwhile is not kept

    def __contains__(self, node: object) -> bool:
        if isinstance(node, ast.arg):
            initializer = initializer_of(self.cls)
            found = initializer is not None and any(node is other for other in ast.walk(initializer.node.args))
        else:
            classes = (item.node for item in lineage(self.cls) if isinstance(item, ProjectClass))
            found = any(node in (cls, *cls.body) for cls in classes)
        self.asked = self.asked or found
        return False


def in_each_way(holder: ProjectInstance | ProjectClass, name: str, read: Callable[[], T]) -> list[T] | None:
    """Read an attribute once for each way in which its object may have been made; None if these cannot be told.

    Args:
        holder: The object.
        name: The attribute.
        read: Reads it, with what `given` gives.
    """
    cls = holder if isinstance(holder, ProjectClass) else holder.cls
    made = [{}] if isinstance(holder, ProjectClass) else _makings(holder)
    if made is None:
        with _once(cls, name, 1) as first, giving(asked := _Asked(cls)):
            found = [read()] if first else None
        if not asked.asked or not _searches:
            return None if asked.asked else found
        made = _any_makings(cls)
    with _once(cls, name, len(made)) as first:
        return [_with(values, read) for values in made] if first else None


def _with(values: Given, read: Callable[[], T]) -> T:
    with giving(values):
        return read()


def _makings(holder: ProjectInstance) -> list[Given] | None:
    """Collect what an object was made of; None if its own call is not seen."""
    if holder.origin is None and not any(holder.cls.node in values for values in _calls):
        return None
    return [by_object(holder), {}] if any(_searches) else [by_object(holder)]


def _any_makings(cls: ProjectClass) -> list[Given]:
    """Collect what objects of a class may have been made of, by whatever call."""
    calls: list[Given] = cls.module.cached(("makings", cls.node), lambda: [*_constructions(cls)])
    return [*calls, {}] if any(_searches) or not calls else calls


def _constructions(cls: ProjectClass) -> Iterator[Given]:
    for place in [cls.module, *importers(cls.module)]:
        for use in named(place, cls.node.name) if _is_called(cls.node.name, place.text) else ():
            call = place.parent(use)
            if isinstance(call, ast.Call) and call.func is use and place.type_of(use) == cls:
                yield _of_construction(cls, place, call)


def _is_called(name: str, text: str) -> bool:
    """Tell whether a module may call a class, or give it another name: most that name one do not."""
    return name in text and re.search(rf"\b{name}\s*(\(| as )", text) is not None


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
        for use in named(place, name) if _is_set(name, place.text) else ():
            statement = place.parent(use)
            if not isinstance(use, ast.Attribute) or not isinstance(statement, (ast.Assign, ast.AnnAssign)):
                continue
            holder = place.type_of(use.value) if isinstance(use.ctx, ast.Store) else None
            inside = any(outer is cls.node for outer in place.ancestors(use))
            if isinstance(holder, ProjectInstance) and cls in lineage(holder.cls) and statement.value and not inside:
                yield place, statement.value


def _is_set(name: str, text: str) -> bool:
    return name in text and re.search(rf"\.{name}\b(\s*:[^=\n]*)?\s*=[^=]", text) is not None
