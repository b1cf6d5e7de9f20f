"""``refresh()`` and ``expire()``: attributes that are loaded again, and those that will be."""

from __future__ import annotations

from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.reads.reading import keys_read
from flake8_async_sqla.semantics.flow.state.again import nested
from flake8_async_sqla.semantics.flow.state.again import refreshed as all_loaded
from flake8_async_sqla.semantics.flow.state.changing import change, replace_object
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import UNSURE, Behind, Loaded, ObjectState, Slot, State, Unloaded
from flake8_async_sqla.semantics.flow.state.joining import joined_objects
from flake8_async_sqla.semantics.flow.state.objects import forget, forget_session, unseen
from flake8_async_sqla.semantics.flow.state.slots import expired, left_out, may_be_empty, slot_of
from flake8_async_sqla.semantics.flow.state.values import NOTHING, PLAIN, Object, Value
from flake8_async_sqla.semantics.flow.unit_of_work import sessions
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import perhaps_loaded
from flake8_async_sqla.semantics.flow.unit_of_work.reaching import reach_through
from flake8_async_sqla.semantics.flow.unit_of_work.reloading import reloaded
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.loading import refreshed


def refresh(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    """Call ``session.refresh()``."""
    cause = frame.place(arguments.node, "refresh()")
    names = _names(frame, arguments)
    given = arguments.given("instance", 0)
    _flushed(state, session, cause, given, names)
    if not isinstance(given, Object):
        forget_session(state, session)
        return NOTHING
    held = state.objects[given.id]
    if held.life not in sessions.LIVE:
        held = replace(held, life="flushed" if held.life == "pending" else "persistent", session=session)
    if names == []:
        replace_object(state, given.id, perhaps_loaded(state.sessions[session].again, all_loaded(held, cause)))
        reloaded(state, given.id, held)
        return NOTHING
    state.objects[given.id] = held
    if names is None:
        unseen(state, given.id)
        return NOTHING
    for name in names:
        attribute = held.mapped.attributes.get(name)
        if attribute is not None:
            if attribute.kind == "relationship":
                keys_read(state, given.id, attribute)
            relationship = attribute.kind == "relationship"
            found: Slot = Behind(nested(held, name)) if relationship else Loaded(PLAIN)
            change(state, given.id, name, UNSURE if relationship and may_be_empty(held, attribute) else found)
            if isinstance(found, Behind) and not held.alone:
                reach_through(state, held, name, found.plan)
    return NOTHING


def _flushed(state: State, session: int, cause: Place, given: Value | None, names: list[str] | None) -> None:
    """Reckon with the flush before a refresh, which has dropped changes of the object by then, of the names given."""
    dropped = replace(state.objects[given.id], dirty=False, changed=frozenset()) if isinstance(given, Object) else None
    if isinstance(given, Object) and dropped is not None and not names:
        pending = [held for held in state.objects.values() if held.session == session and held.life == "pending"]
        linked = any(related(cls, dropped.mapped.cls) for cls in state.sessions[session].linked)
        if linked or any(sessions.leads_to(dropped, other) or sessions.leads_to(other, dropped) for other in pending):
            dropped = _read_by_flush(dropped)
        state.objects[given.id] = dropped
    sessions.query(state, session, cause)
    if isinstance(given, Object) and dropped is not None and names:
        now = state.objects[given.id]
        state.objects[given.id] = joined_objects(now, dropped) if now.life == dropped.life else now


def _read_by_flush(held: ObjectState) -> ObjectState:
    """Reckon with a flush that copies keys between an object, which is expired by then, and others: it loads it all."""
    for name, attribute in held.mapped.attributes.items():
        slot = slot_of(held, name)
        if attribute.kind != "relationship" and isinstance(slot, Unloaded) and left_out(attribute, slot):
            held = held.having(name, UNSURE)
    return held


def _names(frame: Frame, arguments: Arguments) -> list[str] | None:
    """List ``attribute_names``; None if they cannot be seen."""
    found = refreshed(frame.module, arguments.node)
    return sorted(found.names or ()) if found.certain else None


def expire(frame: Frame, state: State, session: int, arguments: Arguments) -> Value:
    """Call ``session.expire()``."""
    cause = frame.place(arguments.node, "expire()")
    given = arguments.given("instance", 0)
    names = _names(frame, arguments)
    if not isinstance(given, Object) or names is None:
        forget(state, arguments.all())
        return NOTHING
    held = state.objects[given.id]
    if held.life == "unknown":
        return NOTHING
    if not names:
        replace_object(state, given.id, expired(held, cause))
    for name in names:
        if name in held.mapped.attributes and not isinstance(held.slots.get(name), Unloaded):
            change(state, given.id, name, Unloaded("expired", cause))
    return NOTHING
