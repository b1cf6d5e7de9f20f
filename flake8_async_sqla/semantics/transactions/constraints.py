"""Whether the database may refuse a new object."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.mapping import attribute
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass, ProjectInstance

_CONSTRAINTS = frozenset(
    {"CheckConstraint", "ExcludeConstraint", "ForeignKey", "ForeignKeyConstraint", "UniqueConstraint"}
)
_FLAGS = frozenset({"foreign_key", "unique"})


def constrained(module: Module, subject: ast.expr) -> bool:
    """Tell whether a new object visibly meets a constraint: one of its table, or the primary key it is given.

    Args:
        module: The module of the expression.
        subject: What is added to a session.
    """
    kind = module.type_of(subject)
    if not isinstance(kind, ProjectInstance):
        return False
    if any(_declares(item) for item in lineage(kind.cls) if isinstance(item, ProjectClass)):
        return True
    given = kind.origin.call.keywords if kind.origin is not None and kind.origin.module == module else []
    keys = (attribute(kind.cls, item.arg) for item in given if item.arg is not None and _comes_in(module, item.value))
    return any(column is not None and column.primary_key for column in keys)


def _comes_in(module: Module, value: ast.expr) -> bool:
    """Tell whether a value is the caller's: a parameter, or a part of one."""
    while isinstance(value, (ast.Attribute, ast.Subscript)):
        value = value.value
    found = module.scope_of(value).lookup(value.id) if isinstance(value, ast.Name) else None
    return found is not None and all(binding.kind == "parameter" for binding in found[1])


def _declares(cls: ProjectClass) -> bool:
    for node in ast.walk(cls.node):
        if not isinstance(node, ast.Call):
            continue
        if callee(cls.module, node).rpartition(".")[2] in _CONSTRAINTS:
            return True
        for keyword in node.keywords:
            off = isinstance(keyword.value, ast.Constant) and not keyword.value.value
            if keyword.arg in _FLAGS and not off:
                return True
    return False
