"""Whether the database may refuse a new object."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass, ProjectInstance

_CONSTRAINTS = frozenset(
    {"CheckConstraint", "ExcludeConstraint", "ForeignKey", "ForeignKeyConstraint", "UniqueConstraint"}
)
_FLAGS = frozenset({"foreign_key", "unique"})


def constrained(module: Module, subject: ast.expr) -> bool:
    """Tell whether the table of a new object visibly has constraints besides its primary key.

    Args:
        module: The module of the expression.
        subject: What is added to a session.
    """
    kind = module.type_of(subject)
    if not isinstance(kind, ProjectInstance):
        return False
    return any(_declares(item) for item in lineage(kind.cls) if isinstance(item, ProjectClass))


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
