"""Statements: which calls make one."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.queries.loaders import given, options_in
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, Known, Service, Statement, Value
from flake8_async_sqla.semantics.loading import composed, query
from flake8_async_sqla.semantics.loading.plan import Entity, Query
from flake8_async_sqla.semantics.loading.spreading import Given
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
    before = state.names.get(root.id) if isinstance(root, ast.Name) else None
    if not isinstance(before, Statement) and not (isinstance(root, ast.Call) and _makes(frame, root)):
        return None
    found = query(frame.module, node)
    if (
        (isinstance(before, Statement) and before.given is not None)
        or found is None
        or _is_hidden(found)
        or _asks_receiver(state, node)
    ):
        return _by_values(frame, state, node, root) or (Statement(found) if found is not None else None)
    return Statement(found)


def extended(before: Statement, name: str, arguments: Arguments) -> Value:
    """Call a method of a statement that another function has made.

    Args:
        before: The statement.
        name: The method.
        arguments: What it is given.
    """
    if name in _NARROWING:
        return replace(before, query=replace(before.query, whole=False))
    known = _given_before(before)
    if name != "options" or known is None or arguments.keywords or arguments.spread:
        return OPAQUE
    cls, options = known
    query = before.query
    given = (*options, *(option for value in arguments.values for option in options_in(value, query.module)))
    return Statement(replace(composed(query.module, query.call, cls, given), whole=query.whole), given)


def _given_before(before: Statement) -> tuple[ProjectClass, tuple[Given, ...]] | None:
    """Return the only class that a statement selects, and its options; None if that cannot be seen."""
    selected = before.query.columns[0]
    if not isinstance(selected, Entity) or len(before.query.columns) != 1:
        return None
    plain = composed(before.query.module, before.query.call, selected.cls, ())
    given = () if before.given is None and selected == plain.columns[0] else before.given
    return (selected.cls, given) if given is not None else None


def _is_hidden(found: Query) -> bool:
    """Tell whether a query selects one thing that only values can tell more of."""
    if len(found.columns) != 1:
        return False
    return found.columns[0] is None or (isinstance(found.columns[0], Entity) and not found.columns[0].plan.certain)


def _asks_receiver(state: State, node: ast.Call) -> bool:
    """Tell whether options are those of the object at hand, of which a subclass may have others: ``*self.options``."""
    stars = [item.value for item in node.args if isinstance(item, ast.Starred)]
    owners = [item.value for item in stars if isinstance(item, ast.Attribute)]
    if any(isinstance(owner, ast.Name) and isinstance(state.names.get(owner.id), Service) for owner in owners):
        return True
    func = node.func
    return isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call) and _asks_receiver(state, func.value)


def _by_values(frame: Frame, state: State, node: ast.Call, root: ast.expr) -> Statement | None:
    """Say what ``select(self.model).options(*loaders)`` loads, where only the values at hand tell that."""
    options: list[ast.expr] = []
    link: ast.expr = node
    while link is not root and isinstance(link, ast.Call) and isinstance(link.func, ast.Attribute):
        if link.func.attr == "options" and not link.keywords:
            options = [*link.args, *options]
        elif link.func.attr not in _NARROWING:
            return None
        link = link.func.value
    start = _start(frame, state, root)
    if start is None:
        return None
    call, cls, before = start
    found = (*before, *given(frame, state, options))
    return Statement(composed(frame.module, call, cls, found), found)


def _start(frame: Frame, state: State, root: ast.expr) -> tuple[ast.Call, ProjectClass, tuple[Given, ...]] | None:
    """Return the call of ``select()``, the class that it selects, and the options that it has already."""
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    if isinstance(root, ast.Name) and isinstance(before := state.names.get(root.id), Statement):
        known = _given_before(before)
        return (before.query.call, *known) if known is not None else None
    if not isinstance(root, ast.Call) or len(root.args) != 1 or root.keywords:
        return None
    entity = value_of(frame, state, root.args[0])
    cls = entity.type if isinstance(entity, Known) else None
    return (root, cls, ()) if isinstance(cls, ProjectClass) and mapped_class(cls) is not None else None


def _makes(frame: Frame, call: ast.Call) -> bool:
    known: dict[ast.Call, bool] = frame.module.cached("makes a statement", dict)
    if call not in known:
        known[call] = _is_maker(frame.module.type_of(call.func))
    return known[call]


def _is_maker(kind: Type) -> bool:
    path = kind.path if isinstance(kind, External) else ""
    return path in SELECTS or path in _WRITES or (path.startswith("sqlalchemy.dialects.") and path.endswith(".insert"))
