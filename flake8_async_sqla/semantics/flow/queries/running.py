"""Running statements: what the rows of a result hold."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.queries.listeners import as_listeners_leave
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import Fetched, ObjectState, State
from flake8_async_sqla.semantics.flow.state.keys import queried_before, selected_key
from flake8_async_sqla.semantics.flow.state.objects import forget_session
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, PLAIN, Items, Object, Statement, Value
from flake8_async_sqla.semantics.flow.unit_of_work.bulk import updated
from flake8_async_sqla.semantics.flow.unit_of_work.populating import completed, loaded
from flake8_async_sqla.semantics.flow.unit_of_work.staleness import anew, asked_apart, given_again
from flake8_async_sqla.semantics.flow.unit_of_work.texts import bound_text, updated_by_text
from flake8_async_sqla.semantics.loading import query
from flake8_async_sqla.semantics.loading.plan import Entity, Query, Selected
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.types import External

_INERT = frozenset({"sqlalchemy.text", "sqlalchemy.schema.DDL", "sqlalchemy.DDL"})


def rows(
    frame: Frame, state: State, session: int, arguments: Arguments, statement: Value | None
) -> tuple[Value, Query | None]:
    """Execute a statement; return what a row of the result is, and what the statement loads."""
    node = arguments.node_of("statement", 0)
    if not isinstance(statement, Statement) and node is not None and (found := query(frame.module, node)) is not None:
        statement = Statement(found)
    if not isinstance(statement, Statement):
        if _inert(frame, node):
            updated_by_text(frame, state, session, arguments)
        elif not updated(frame, state, session, arguments):
            forget_session(state, session)
        return OPAQUE, None
    if not all(isinstance(column, Entity) for column in statement.query.columns):
        asked_apart(state, session)
    columns = [_column(frame, state, session, statement, column, arguments) for column in statement.query.columns]
    names = tuple(column.cls.node.name if isinstance(column, Entity) else "" for column in statement.query.columns)
    return Items(tuple(columns), names), statement.query


def _inert(frame: Frame, node: ast.expr | None) -> bool:
    """Tell whether a statement is plain SQL, which leaves objects alone."""
    call, _ = bound_text(frame.module, node)
    kind = frame.module.type_of(call.func) if call is not None else None
    return isinstance(kind, External) and kind.path in _INERT


def _column(
    frame: Frame, state: State, session: int, statement: Statement, column: Selected, arguments: Arguments
) -> Value:
    if not isinstance(column, Entity):
        return PLAIN if column is not None else OPAQUE
    mapped = mapped_class(column.cls)
    if mapped is None:
        return OPAQUE
    query = statement.query
    plan = column.plan if query.certain else replace(column.plan, certain=False)
    plan = as_listeners_leave(state, session, mapped, plan, frame.module)
    cause = frame.place(query.call, f"select({column.cls.node.name})")
    cause = replace(cause, module=query.module)
    key = selected_key(frame, state, query, mapped)
    same = queried_before(frame, state, session, mapped, key) if plan.certain else None
    before = state.objects[same] if same is not None else None
    found = loaded(
        frame.run,
        state,
        mapped,
        plan,
        session,
        cause,
        query,
        count="one" if key is not None else "all" if query.whole else "some",
        renewed=query.populate_existing,
        key=key,
    )
    if same is not None and before is not None:
        del state.objects[found.id]
        fresh, after = ObjectState(mapped, Fetched(plan, cause), query=query), state.objects[same]
        renewed = replace(after, query=query) if query.populate_existing else None
        state.objects[same] = renewed or completed(before, fresh, after)
        found = Object(same)
    if query.populate_existing or "execution_options" in arguments.keywords or arguments.spread:
        anew(state, session)
    found = Object(given_again(frame, state, found.id, arguments.node))
    return replace(found, optional=column.outer)
