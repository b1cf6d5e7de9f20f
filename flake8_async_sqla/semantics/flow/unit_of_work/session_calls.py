"""Methods of sessions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.calling.generators import used_up
from flake8_async_sqla.semantics.flow.queries.listeners import as_listeners_leave
from flake8_async_sqla.semantics.flow.queries.loaders import options_in
from flake8_async_sqla.semantics.flow.queries.running import rows
from flake8_async_sqla.semantics.flow.reads.reading import awaited
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.keys import held_by_key, key_of, queried_before
from flake8_async_sqla.semantics.flow.state.objects import forget, forget_session, identified, objects_in, taken
from flake8_async_sqla.semantics.flow.state.slots import expired
from flake8_async_sqla.semantics.flow.state.values import (
    NOTHING,
    OPAQUE,
    PLAIN,
    Block,
    Items,
    Known,
    Object,
    Rows,
    Statement,
    Value,
)
from flake8_async_sqla.semantics.flow.unit_of_work import refreshing, sessions
from flake8_async_sqla.semantics.flow.unit_of_work.deleting import delete
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import all_expired
from flake8_async_sqla.semantics.flow.unit_of_work.linking import parted
from flake8_async_sqla.semantics.flow.unit_of_work.merging import merge
from flake8_async_sqla.semantics.flow.unit_of_work.populating import loaded
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import may_be_same
from flake8_async_sqla.semantics.flow.unit_of_work.savepoints import begin_nested, nested_rollback
from flake8_async_sqla.semantics.flow.unit_of_work.staleness import anew, given_again
from flake8_async_sqla.semantics.loading import composed, get_plan
from flake8_async_sqla.semantics.loading.plan import Entity, Plan, Query
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.types import ProjectClass

_COROUTINES = frozenset(
    {
        "aclose", "close", "commit", "connection", "delete", "delete_all", "exec", "execute", "flush", "get", "get_one",
        "invalidate", "merge", "merge_all", "refresh", "remove", "reset", "rollback", "run_sync", "scalar", "scalars",
        "stream", "stream_scalars",
    }
)  # fmt: skip


def method(frame: Frame, state: State, session: int, name: str, arguments: Arguments) -> Value:
    """Call a method of a session."""
    if name in _COROUTINES and not arguments.awaited:
        forget(state, arguments.all())
        forget_session(state, session)
        return OPAQUE
    handler = _HANDLERS.get(name)
    if handler is None:
        forget(state, arguments.all())
        return OPAQUE if name not in ("in_transaction", "is_modified", "get_bind") else PLAIN
    return handler(frame, state, session, arguments)


def _query(frame: Frame, state: State, session: int, arguments: Arguments) -> Rows:
    given = arguments.given("statement", 0)
    sessions.query(state, session, frame.place(arguments.node, "autoflush"))
    found, query = rows(frame, state, session, arguments, given)
    return Rows(found, repeating=query if query is not None and query.joined_collection is not None else None)


def _execute(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    return _query(frame, state, session, arguments)


def _exec(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    """SQLModel's ``exec()`` gives items where the statement has one column."""
    found = _query(frame, state, session, arguments)
    given = arguments.given("statement", 0)
    single = isinstance(given, Statement) and len(given.query.columns) == 1
    return _first_column(found) if single else found if isinstance(given, Statement) else Rows(OPAQUE)


def _first_column(found: Rows) -> Rows:
    from flake8_async_sqla.semantics.flow.queries.results import first_column

    return replace(found, row=first_column(found.row), scalars=True)


def _scalars(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    return _first_column(_query(frame, state, session, arguments))


def _scalar(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    item = _first_column(_query(frame, state, session, arguments)).row
    return identified(state, taken(frame.run, state, item, optional=True, one=True))


def _stream(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    return replace(_query(frame, state, session, arguments), streamed=True)


def _stream_scalars(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    return replace(_first_column(_query(frame, state, session, arguments)), streamed=True)


def _get(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    return _by_key(frame, state, session, arguments, optional=True)


def _get_one(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    return _by_key(frame, state, session, arguments, optional=False)


def _by_key(frame: Frame, state: State, session: int, arguments: Arguments, *, optional: bool) -> Value:
    entity = arguments.given("entity", 0)
    mapped = mapped_class(entity.type) if isinstance(entity, Known) and isinstance(entity.type, ProjectClass) else None
    if mapped is None:
        sessions.query(state, session, frame.place(arguments.node, "autoflush"))
        return OPAQUE
    made = get_plan(frame.module, arguments.node)
    column = made.columns[0] if made is not None else None
    options = arguments.keywords.get("options", NOTHING)
    known = column.plan if isinstance(column, Entity) and column.cls == mapped.cls else Plan(certain=False)
    plan = _only(composed(frame.module, arguments.node, mapped.cls, tuple(options_in(options, frame.module))))
    if arguments.spread or (known.certain and not (plan.certain and isinstance(options, Items))):
        plan = known
    plan = as_listeners_leave(state, session, mapped, plan, frame.module)
    cause = frame.place(arguments.node, f"get({mapped.cls.node.name})")
    renewed = made is not None and made.populate_existing
    sessions.query(state, session, frame.place(arguments.node, "autoflush"), None if renewed else mapped.cls)
    key = key_of(frame, state, frame.module, arguments.node_of("ident", 1))
    if not renewed and plan.certain and (same := held_by_key(frame, state, session, mapped, key)) is not None:
        if state.objects[same].count == "all":
            number = frame.run.number()
            state.objects[number] = replace(state.objects[same], count="one", key=key)
            same = number
        return Object(given_again(frame, state, same, arguments.node), optional)
    if renewed or "execution_options" in arguments.keywords or arguments.spread:
        anew(state, session)
    before = queried_before(frame, state, session, mapped, key) if renewed and plan.certain else None
    found = loaded(frame.run, state, mapped, plan, session, cause, None, renewed=renewed, key=key)
    if before is not None:
        del state.objects[found.id]
        found = Object(before)
    identified(state, found)
    return Object(given_again(frame, state, found.id, arguments.node), optional)


def _only(query: Query) -> Plan:
    """Return what a query for one class loads."""
    column = query.columns[0]
    assert isinstance(column, Entity)
    return column.plan


def _add(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    sessions.begin(state, session)
    for value in arguments.all():
        sessions.add(state, session, used_up(frame, state, arguments.node, value))
    return NOTHING


def _delete(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    sessions.begin(state, session)
    for value in arguments.all():
        for number in objects_in(state, value):
            mapped = state.objects[number].mapped
            frame.run.moved.add(mapped.cls)
            for attribute in filter(lambda item: item.kind == "relationship", mapped.attributes.values()):
                frame.run.emptied.update(parted(mapped.cls, attribute, OPAQUE))
            delete(state, number)
    return NOTHING


def _expire_all(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    cause = frame.place(arguments.node, "expire_all()")
    for number, held in [*state.objects.items()]:
        if held.session == session and held.life in sessions.LIVE:
            state.objects[number] = expired(held, cause)
    state.sessions[session] = all_expired(state.sessions[session], True)
    return NOTHING


def _expunge(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    cause = frame.place(arguments.node, "expunge()")
    for value in arguments.all():
        for number in objects_in(state, value):
            gone = state.objects[number]
            for other, held in [*state.objects.items()]:
                if other != number and held.family != gone.family and may_be_same(state, gone, held):
                    state.objects[other] = replace(held, life="unknown")
            sessions.detach(state, number, cause)
    return NOTHING


def _expunge_all(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    cause = frame.place(arguments.node, "expunge_all()")
    for number, held in [*state.objects.items()]:
        if held.session == session:
            sessions.detach(state, number, cause)
    return NOTHING


def _flush(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    sessions.flush(state, session, frame.place(arguments.node, "flush()"))
    return NOTHING


def _commit(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    sessions.commit(state, session, frame.place(arguments.node, "commit()"))
    return NOTHING


def _rollback(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    sessions.rollback(state, session, frame.place(arguments.node, "rollback()"))
    return NOTHING


def _close(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    sessions.close(state, session, frame.place(arguments.node, "close()"))
    return NOTHING


def _begin(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    return Block(session, "begin")


def _begin_nested(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    begin_nested(state, session, frame.place(arguments.node, "begin_nested()"))
    return Block(session, "begin_nested")


def _run_sync(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    """Run a function in a greenlet; one that only reads an attribute loads that."""
    given = arguments.node_of("fn", 0)
    body = given.body if isinstance(given, ast.Lambda) else None
    owner = body.value if isinstance(body, ast.Attribute) else None
    holder = state.names.get(owner.id) if isinstance(owner, ast.Name) else None
    if isinstance(body, ast.Attribute) and isinstance(holder, Object):
        return awaited(frame, state, body, holder, body.attr)
    forget_session(state, session)
    forget(state, arguments.all())
    return OPAQUE


def ended(frame: Frame, state: State, block: Block, name: str, arguments: Arguments) -> Value:
    """Call a method of a transaction."""
    if name == "commit" and arguments.awaited and block.kind != "begin_nested":
        sessions.commit(state, block.session, frame.place(arguments.node, "commit()"))
    elif name == "rollback" and arguments.awaited and block.kind != "begin_nested":
        sessions.rollback(state, block.session, frame.place(arguments.node, "rollback()"))
    elif name == "rollback":
        nested_rollback(state, block.session, frame.place(arguments.node, "rollback()"))
    return NOTHING


_HANDLERS: dict[str, Callable[[Frame, State, int, Arguments], Value]] = {
    "execute": _execute, "exec": _exec, "scalars": _scalars, "scalar": _scalar, "stream": _stream,
    "stream_scalars": _stream_scalars, "get": _get, "get_one": _get_one, "merge": merge, "add": _add,
    "add_all": _add, "delete": _delete, "refresh": refreshing.refresh, "expire": refreshing.expire,
    "expire_all": _expire_all,
    "expunge": _expunge, "expunge_all": _expunge_all, "flush": _flush, "commit": _commit, "rollback": _rollback,
    "close": _close, "aclose": _close, "remove": _close, "reset": _close, "begin": _begin,
    "begin_nested": _begin_nested, "run_sync": _run_sync,
}  # fmt: skip
