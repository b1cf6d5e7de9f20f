"""Statements: which calls make one."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import Known, Statement
from flake8_async_sqla.semantics.loading import query
from flake8_async_sqla.semantics.loading.plan import Entity, Query
from flake8_async_sqla.semantics.loading.statements import SELECTS
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.types import External, ProjectClass, Type

_NARROWING = frozenset({"where", "filter", "filter_by", "order_by", "limit", "offset", "distinct", "group_by"})
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
    if starts and isinstance(root, ast.Call) and (found is None or found.columns == (None,)):
        found = _of_value(frame, state, node, root) or found
    return Statement(found) if found is not None else None


def _of_value(frame: Frame, state: State, node: ast.Call, root: ast.Call) -> Query | None:
    """Say what ``select(self.model)`` loads, where only the object at hand tells the class."""
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    link: ast.expr = node
    while link is not root and isinstance(link, ast.Call) and isinstance(link.func, ast.Attribute):
        if link.func.attr not in _NARROWING:
            return None
        link = link.func.value
    if len(root.args) != 1 or root.keywords or not isinstance(root.args[0], ast.Attribute):
        return None
    entity = value_of(frame, state, root.args[0])
    if isinstance(entity, Known) and isinstance(entity.type, ProjectClass) and mapped_class(entity.type) is not None:
        return Query(frame.module, root, (Entity(entity.type),))
    return None


def _makes(frame: Frame, call: ast.Call) -> bool:
    known: dict[ast.Call, bool] = frame.module.cached("makes a statement", dict)
    if call not in known:
        known[call] = _is_maker(frame.module.type_of(call.func))
    return known[call]


def _is_maker(kind: Type) -> bool:
    path = kind.path if isinstance(kind, External) else ""
    return path in SELECTS or path in _WRITES or (path.startswith("sqlalchemy.dialects.") and path.endswith(".insert"))
