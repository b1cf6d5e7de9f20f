"""Constants that a mapping is configured with: ``lazy=LAZY``, ``table=True``, ``"author"``."""

from __future__ import annotations

import ast
from enum import Enum
from typing import Literal

from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import ProjectClass, ProjectInstance, Type

MAX_HOPS = 8


class _Unseen(Enum):
    UNSEEN = "unseen"


UNSEEN: Literal[_Unseen.UNSEEN] = _Unseen.UNSEEN
"""What `constant` answers for everything that is no constant."""


def constant(module: Module, node: ast.expr | None, hops: int = MAX_HOPS) -> object:
    """Return the constant that an expression is, through names and class attributes; `UNSEEN` if it is none.

    Args:
        module: The module that holds the expression.
        node: The expression.
        hops: How many names to follow.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if node is None or hops <= 0:
        return UNSEEN
    module, value = named(module, node)
    return constant(module, value, hops - 1) if value is not None else UNSEEN


def text(module: Module, node: ast.expr | None) -> str:
    """Return the string that an expression is; empty if it is none."""
    found = constant(module, node)
    return found if isinstance(found, str) else ""


def named(module: Module, node: ast.expr) -> tuple[Module, ast.expr | None]:
    """Return the expression that a name or attribute stands for, where one place alone defines it."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        scope = module.scope_of(node)
        holder, binding = definition(module, node, scope)
        if binding is not None and binding.kind in ("value", "annotation") and not binding.unpack:
            return holder, binding.value
    if isinstance(node, ast.Attribute):
        kind = module.type_of(node.value)
        given = _given(kind, node.attr)
        if given is not None:
            return given
        cls = kind.cls if isinstance(kind, ProjectInstance) else kind
        if isinstance(cls, ProjectClass):
            return of_class(cls, node.attr) or (module, None)
    return module, None


def made(module: Module, node: ast.expr | None) -> ast.Call | None:
    """Return the call that an expression is, or that made what a name of the same module stands for."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        home, value = named(module, node)
        node = value if home == module else None
    return node if isinstance(node, ast.Call) else None


def _given(kind: Type, name: str) -> tuple[Module, ast.expr | None] | None:
    """Return what the call that made an instance gives for an attribute: ``Settings(echo=True)``; None if nothing."""
    origin = kind.origin if isinstance(kind, ProjectInstance) else None
    if origin is None:
        return None
    if origin.call.args or any(keyword.arg is None for keyword in origin.call.keywords):
        return origin.module, None
    return next(((origin.module, item.value) for item in origin.call.keywords if item.arg == name), None)


def of_class(cls: ProjectClass, name: str) -> tuple[Module, ast.expr | None] | None:
    """Return the value of a class attribute that nothing but its class body sets."""
    for item in lineage(cls):
        if isinstance(item, ProjectClass):
            scope = scope_of_class(item)
            if name in scope.attributes:
                return None
            if bindings := scope.names.get(name):
                return (item.module, bindings[0].value) if len(bindings) == 1 else None
    return None
