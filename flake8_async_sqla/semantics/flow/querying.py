"""Statements: which calls make one."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.frame import Frame
from flake8_async_sqla.semantics.flow.heap import State
from flake8_async_sqla.semantics.flow.values import Statement
from flake8_async_sqla.semantics.loading import query
from flake8_async_sqla.semantics.loading.statements import SELECTS
from flake8_async_sqla.semantics.types import External, Type

_WRITES = frozenset({"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete"})


def statement(frame: Frame, state: State, node: ast.Call) -> Statement | None:
    """Return the statement that a call makes, if it makes one that returns rows."""
    root: ast.expr = node
    while isinstance(root, ast.Call) and isinstance(root.func, ast.Attribute) and not _makes(frame, root):
        root = root.func.value
    if isinstance(root, ast.Name):
        starts = isinstance(state.names.get(root.id), Statement)
    else:
        starts = isinstance(root, ast.Call) and _makes(frame, root)
    found = query(frame.module, node) if starts else None
    return Statement(found) if found is not None else None


def _makes(frame: Frame, call: ast.Call) -> bool:
    known: dict[ast.Call, bool] = frame.module.cached("makes a statement", dict)  # type: ignore[assignment]
    if call not in known:
        known[call] = _is_maker(frame.module.type_of(call.func))
    return known[call]


def _is_maker(kind: Type) -> bool:
    path = kind.path if isinstance(kind, External) else ""
    return path in SELECTS or path in _WRITES or (path.startswith("sqlalchemy.dialects.") and path.endswith(".insert"))
