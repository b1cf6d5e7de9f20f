"""Mapped classes and aliases of them, as statements name them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.mapping.classes import attribute, mapped_class
from flake8_async_sqla.semantics.mapping.constants import named, text
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, ProjectClass, ProjectInstance

Key: TypeAlias = "ProjectClass | tuple[str, int, int]"
_ALIASED = "sqlalchemy.orm.aliased"
_POLYMORPHIC = "sqlalchemy.orm.with_polymorphic"
_NARROWING = frozenset({"and_", "of_type"})
MAX_HOPS = 6


@dataclass(frozen=True, slots=True)
class Target:
    """What a statement selects from, or starts a path of loader options at.

    Attributes:
        key: The class, or the place of the call that makes an alias of it.
        cls: The class.
        subclasses: Subclasses whose columns are loaded too.
    """

    key: Key
    cls: ProjectClass
    subclasses: tuple[ProjectClass, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One attribute in a path of loader options.

    Attributes:
        target: What it is an attribute of; None for a name in quotes.
        name: The attribute; ``*`` for all.
        subclasses: The class that ``of_type()`` narrows it to, with those of a ``with_polymorphic()``.
    """

    target: Target | None
    name: str
    subclasses: tuple[ProjectClass, ...] = ()


def entity(module: Module, node: ast.expr | None, hops: int = MAX_HOPS) -> Target | None:
    """Return the mapped class, or the alias of one, that an expression is.

    Args:
        module: The module that holds the expression.
        node: The expression.
        hops: How many names to follow.
    """
    if node is None or hops <= 0:
        return None
    kind = module.type_of(node)
    if isinstance(kind, ProjectClass):
        return Target(kind, kind) if mapped_class(kind) is not None else None
    if isinstance(node, ast.Call):
        called = module.type_of(node.func)
        path = called.path if isinstance(called, External) else ""
        inner = entity(module, node.args[0], hops - 1) if path in (_ALIASED, _POLYMORPHIC) and node.args else None
        if inner is None:
            return None
        known = _listed(module, argument(node, "classes", 1)) if path == _POLYMORPHIC else inner.subclasses
        return Target((module.path, node.lineno, node.col_offset), inner.cls, known)
    holder, value = named(module, node)
    return entity(holder, value, hops - 1) if value is not None else None


def _listed(module: Module, node: ast.expr | None) -> tuple[ProjectClass, ...]:
    """List the classes of ``with_polymorphic(A, [B, C])``; the base itself stands for all of ``"*"``."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        found = (entity(module, item) for item in node.elts)
        return tuple(item.cls for item in found if item is not None)
    return ()


def is_wildcard(module: Module, call: ast.expr) -> bool:
    """Tell whether ``with_polymorphic(A, "*")`` makes an alias, or its classes cannot be seen."""
    holder, value = (module, call) if isinstance(call, ast.Call) else named(module, call)
    if not isinstance(value, ast.Call) or holder.type_of(value.func) != External(_POLYMORPHIC):
        return False
    return not isinstance(argument(value, "classes", 1), (ast.List, ast.Tuple, ast.Set))


def step(module: Module, node: ast.expr) -> Step | None:
    """Return the attribute that an argument of a loader option names: ``Author.books``, ``"books"``, ``"*"``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _NARROWING:
        inner = step(module, node.func.value)
        if inner is None or node.func.attr == "and_":
            return inner
        narrowed = entity(module, node.args[0]) if node.args else None
        return Step(inner.target, inner.name, (narrowed.cls, *narrowed.subclasses)) if narrowed is not None else None
    if name := text(module, node):
        return Step(None, name)
    if isinstance(node, ast.Attribute):
        target = entity(module, node.value)
        if target is not None:
            return Step(target, node.attr)
        kind = module.type_of(node.value)
        if isinstance(kind, ProjectInstance):
            return None
    holder, value = named(module, node)
    return step(holder, value) if value is not None and value is not node else None


def is_relationship(cls: ProjectClass, name: str) -> bool:
    """Tell whether an attribute of a mapped class is a relationship."""
    found = attribute(cls, name)
    return found is not None and found.kind == "relationship"
