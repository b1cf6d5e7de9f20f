"""Rows that another session has changed: the identity map gives their objects as they were."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.failure import Failure, Kind, Place
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import Loaded, ObjectState, Stale, State
from flake8_async_sqla.semantics.flow.state.keys import referred
from flake8_async_sqla.semantics.flow.state.session import SessionState, Write
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.unit_of_work.options import maker
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import may_share

_ENGINES = ("create_async_engine(", "create_engine(", "engine_from_config(")


def wrote(state: State, session: int, write: Write) -> None:
    """Note what a session changes in the database, for when it commits."""
    held = state.sessions[session]
    state.sessions[session] = replace(held, written=(*held.written, write))


def flushed(state: State, held: ObjectState, place: Place) -> None:
    """Note the UPDATE of an object."""
    if held.session is not None and held.key is not None and held.changed:
        wrote(state, held.session, Write(held.mapped.cls, held.key, held.changed, place))


def committed(state: State, session: int) -> None:
    """Reckon with a commit: what other sessions hold of the changed rows is stale."""
    for write in state.sessions[session].written:
        for number, held in [*state.objects.items()]:
            if held.life != "persistent" or held.mapped.cls != write.cls or held.session is None:
                continue
            if write.key not in (None, held.key) or may_share(state, held.session, session):
                continue
            if not _same_database(state.sessions[held.session], state.sessions[session]):
                continue
            names = {name for name in write.names if isinstance(slot_of(held, name), Loaded)}
            if names:
                before = held.stale.names if held.stale is not None else frozenset()
                state.objects[number] = replace(held, stale=Stale(before | names, write.place))


def left_behind(state: State, session: int, write: Write) -> None:
    """Reckon with an UPDATE of which a session's objects learn nothing, of those that it certainly changes."""
    for number, held in [*state.objects.items()]:
        if held.session != session or held.mapped.cls != write.cls or write.key not in (None, held.key):
            continue
        names = {name for name in write.names if isinstance(slot_of(held, name), Loaded)}
        if names and held.life in ("persistent", "flushed"):
            before = held.stale.names if held.stale is not None else frozenset()
            state.objects[number] = replace(held, stale=Stale(before | names, write.place, own=True))


def asked_apart(state: State, session: int) -> None:
    """Reckon with a query for columns: who has the new values may want the old ones of the objects."""
    for number, held in [*state.objects.items()]:
        if held.session == session and held.stale is not None and held.stale.own:
            state.objects[number] = replace(held, stale=None)


def _same_database(one: SessionState, other: SessionState) -> bool:
    """Tell whether nothing lets two sessions use different databases: they have one factory, or there is one engine."""
    makers = [maker(session.origin) if session.origin is not None else None for session in (one, other)]
    if None not in makers:
        return makers[0] == makers[1]
    modules = [made.module for made in makers if made is not None]
    return all(sum(module.text.count(name) for name in _ENGINES) < 2 for module in modules)


def anew(state: State, session: int) -> None:
    """Reckon with a query that loads anew what the session holds already: nobody knows which objects."""
    for number, held in [*state.objects.items()]:
        if held.session == session and held.stale is not None:
            state.objects[number] = replace(held, stale=None)


def given_again(frame: Frame, state: State, number: int, node: ast.expr) -> int:
    """Reckon with a query for an object that the session holds: it gives that, with the values that it has.

    Args:
        frame: The function that queries.
        state: What is known; it is changed.
        number: The object that the query gives.
        node: The call that executes it.

    Returns:
        The number of the object, one of its own if it is stale.
    """
    fresh = state.objects[number]
    for other, held in [*state.objects.items()] if fresh.key is not None else ():
        same = (held.session, held.mapped.cls, held.key) == (fresh.session, fresh.mapped.cls, fresh.key)
        if held.stale is None or not same or held.life != "persistent":
            continue
        if any(value == other for value in referred(frame, state)):
            at = node if frame.module == frame.run.module or not frame.calls else frame.calls[0].node
            assert isinstance(at, ast.expr)
            again = frame.run.number()
            state.objects[again] = replace(fresh, stale=replace(held.stale, again=at))
            return again
    return number


def stale_read(frame: Frame, node: ast.expr, owner: ObjectState, name: str) -> Failure | None:
    """Describe the read of a stale column of an object that was queried again or changed here, if it is one."""
    stale = owner.stale
    if stale is None or name not in stale.names or not isinstance(slot_of(owner, name), Loaded):
        return None
    read_here = frame.calls[0].node if frame.calls else node
    at = read_here if stale.own and stale.again is None else stale.again
    if not isinstance(at, ast.expr):
        return None
    kind: Kind = "stale" if stale.again is not None else "behind"
    chain = (*frame.calls[1:], Place(frame.module, node, f".{name}")) if frame.calls else ()
    return Failure(
        kind=kind, at=at, cls=owner.mapped.cls, attribute=name, path=(), cause=stale.write,
        query=owner.query, chain=chain,
    )  # fmt: skip
