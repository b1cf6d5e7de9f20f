"""``merge()``: the object of a session with the primary key of one that is given, which sets what it has loaded."""

from __future__ import annotations

from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.queries.loaders import options_in
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import UNSURE, Fetched, Fresh, Loaded, ObjectState, State, Unloaded
from flake8_async_sqla.semantics.flow.state.slots import slot_of, unexpired
from flake8_async_sqla.semantics.flow.state.values import NOTHING, OPAQUE, Items, Object, Value
from flake8_async_sqla.semantics.flow.unit_of_work import sessions
from flake8_async_sqla.semantics.flow.unit_of_work.populating import loaded
from flake8_async_sqla.semantics.loading import composed
from flake8_async_sqla.semantics.loading.plan import Entity, Plan


def merge(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    """Merge an object into a session.

    Args:
        frame: The function that does it.
        state: What is known; it is changed.
        session: The session.
        arguments: What ``merge()`` is given.
    """
    given = arguments.given("instance", 0)
    sessions.begin(state, session)
    if not isinstance(given, Object):
        return OPAQUE
    source = state.objects[given.id]
    cause = frame.place(arguments.node, "merge()")
    plan = _plan(frame, source, arguments)
    merged = loaded(frame.run, state, source.mapped, plan, session, cause, None, key=source.key)
    if not plan.certain:
        return merged
    held = state.objects[merged.id]
    for name in [name for name, attribute in source.mapped.attributes.items() if attribute.kind != "relationship"]:
        found = slot_of(source, name)
        if _made(source) and name not in source.slots:
            held = held.having(name, UNSURE)
        elif isinstance(found, Loaded):
            held = held.having(name, found)
    # Only until the next flush it makes a difference whether the row is there already.
    state.objects[merged.id] = replace(held, life="pending" if _made(source) else held.life)
    return merged


def _made(source: ObjectState) -> bool:
    return isinstance(source.base, Fresh)


def _plan(frame: Frame, source: ObjectState, arguments: Arguments) -> Plan:
    """Say what the query loads, if it takes place, and if nothing that the given object leads to is merged as well."""
    options = arguments.keywords.get("options", NOTHING)
    seen = isinstance(options, Items) or options == NOTHING
    known = isinstance(unexpired(source).base, Fetched) or (_made(source) and source.life == "new")
    if not seen or not known or "load" in arguments.keywords or arguments.spread or _leads_on(source):
        return Plan(certain=False)
    query = composed(frame.module, arguments.node, source.mapped.cls, tuple(options_in(options, frame.module)))
    column = query.columns[0]
    assert isinstance(column, Entity)
    return column.plan


def _leads_on(source: ObjectState) -> bool:
    """Tell whether a relationship of the object may be loaded, or was set."""
    names = (name for name, attribute in source.mapped.attributes.items() if attribute.kind == "relationship")
    if _made(source):
        return any(name in source.slots for name in names)
    return any(not isinstance(slot_of(source, name), Unloaded) for name in names)
