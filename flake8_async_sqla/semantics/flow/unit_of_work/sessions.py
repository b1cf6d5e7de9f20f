"""What sessions do to their objects: flush, commit, rollback, close."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.again import columns_loaded
from flake8_async_sqla.semantics.flow.state.changing import replace_object, twins
from flake8_async_sqla.semantics.flow.state.heap import (
    UNSURE,
    Expired,
    Fresh,
    Loaded,
    MaybeExpired,
    ObjectState,
    Slot,
    State,
    Unloaded,
    Unseen,
)
from flake8_async_sqla.semantics.flow.state.joining import joined, joined_objects
from flake8_async_sqla.semantics.flow.state.objects import objects_in, unseen
from flake8_async_sqla.semantics.flow.state.slots import expired, has_expired, maybe_expired, perhaps_current, slot_of
from flake8_async_sqla.semantics.flow.state.values import NOTHING, Clause, Items, Object, Value
from flake8_async_sqla.semantics.flow.unit_of_work.deleting import commit_deleted, lose
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import all_expired, appear, perhaps_loaded
from flake8_async_sqla.semantics.flow.unit_of_work.reloading import reloaded
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.flow.unit_of_work.staleness import committed, flushed
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.types import ProjectClass

LIVE = ("persistent", "flushed")


def begin(state: State, session: int) -> None:
    """Note that a transaction is under way."""
    state.sessions[session] = replace(state.sessions[session], begun=True)


def query(state: State, session: int, place: Place, cls: ProjectClass | None = None) -> None:
    """Begin a transaction, and flush if the session does so before a query.

    Args:
        state: What is known; it is changed.
        session: The session.
        place: The query.
        cls: Of ``get()``, the class: what the session holds is given without a query.
    """
    held = state.sessions[session]
    present = cls is not None and any(related(cls, item.cls) for item in held.present)
    state.sessions[session] = replace(held, begun=held.begun or (None if present else True))
    changed = any(other.session == session and _changed(other) for other in state.objects.values())
    if held.autoflush is False or not (changed or held.linked):
        return
    apart = state.copy()
    flush(state, session, place)
    if present or held.autoflush is None:
        state.become(joined([apart, state]))


def flush(state: State, session: int, place: Place) -> None:
    """Insert what is pending, update what is changed."""
    known = state.sessions[session]
    changed = [held for held in state.objects.values() if held.session == session and _changed(held)]
    expired_still = frozenset() if changed or known.linked else known.expired  # to copy keys loads what is expired
    begun = known.begun or (True if changed else None)
    state.sessions[session] = replace(known, begun=begun, expired=expired_still, linked=frozenset())
    pending = [held for held in changed if held.life == "pending"]
    for number, held in [*state.objects.items()]:
        if held.session == session:
            led = any(leads_to(other, held) for other in changed) or any(leads_to(held, other) for other in pending)
            linked = any(related(held.mapped.cls, cls) for cls in known.linked)
            if held.life in LIVE and linked:
                held = state.objects[number] = _with_defaults(held)
            if held.life in LIVE and (led or linked or _set_since(held)) and has_expired(held):
                state.objects[number] = perhaps_current(held)
                reloaded(state, number, held)
                held = state.objects[number]
            if held.life == "pending":
                state.objects[number] = _inserted(held, place)
                appear(state, session, held.mapped.cls, made=held.made)
            elif held.life in LIVE and held.dirty is not False:
                flushed(state, held, place)
                held = replace(held, updated=held.updated or bool(held.changed))
                if has_expired(held):
                    replace_object(state, number, _updated(held, place))
                    reloaded(state, number, held)
                else:
                    now = _updated(held, place)
                    state.objects[number] = joined_objects(held, now) if _leads_outside(state, held) else now


def _leads_outside(state: State, held: ObjectState) -> bool:
    """Tell whether all that changed may be a relationship to what is in no session: there is no key to write."""
    values = [slot.value for slot in held.slots.values() if isinstance(slot, Loaded)]
    led = [state.objects[value.id].life for value in values if isinstance(value, Object)]
    return "new" in led and not held.changed


def _changed(held: ObjectState) -> bool:
    return held.life in ("pending", "deleted") or (held.life in LIVE and (held.dirty is not False or _set_since(held)))


def _set_since(held: ObjectState) -> bool:
    """Tell whether a relationship to one may have been set since the object expired: the flush copies keys."""
    attributes = held.mapped.attributes
    return isinstance(held.base, (Expired, MaybeExpired)) and any(
        isinstance(slot, Loaded) and (attributes[name].many_to_one or attributes[name].uselist is False)
        for name, slot in held.slots.items()
    )


def leads_to(one: ObjectState, other: ObjectState) -> bool:
    """Tell whether a relationship that was set may lead from one object to another."""
    targets = (one.mapped.attributes[name].target for name, slot in one.slots.items() if _may_lead(slot))
    return any(target is not None and related(target, other.mapped.cls) for target in targets)


def _may_lead(slot: Slot) -> bool:
    return not isinstance(slot, Unloaded) and slot not in (Loaded(NOTHING), Loaded(Items(())))


def _inserted(held: ObjectState, place: Place) -> ObjectState:
    base = Fresh(place) if isinstance(held.base, Fresh) else held.base
    return replace(held, base=base, life="flushed", dirty=False)


def _updated(held: ObjectState, place: Place) -> ObjectState:
    if has_expired(held):
        held = columns_loaded(held, place)
    for name, attribute in held.mapped.attributes.items():
        slot = held.slots.get(name)
        given = isinstance(slot, Loaded)
        if isinstance(slot, Loaded) and isinstance(slot.value, Clause) and held.mapped.eager_defaults is not True:
            held = held.having(name, Unloaded("server", place))
        if attribute.server_onupdate and held.mapped.eager_defaults is not True and not given:
            held = held.having(name, Unloaded("server", place))
    return replace(_with_defaults(held), dirty=False, changed=frozenset())


def _with_defaults(held: ObjectState) -> ObjectState:
    """Reckon with ``eager_defaults``: a flush loads what the database generates, of all that it looks at."""
    for name, attribute in held.mapped.attributes.items() if held.mapped.eager_defaults is True else ():
        generated = attribute.server_default or attribute.server_onupdate
        if generated and isinstance(slot_of(held, name), Unloaded):
            held = held.having(name, UNSURE)
    return held


def commit(state: State, session: int, place: Place) -> None:
    """Flush, end the transaction, and expire all objects if the session does so."""
    flush(state, session, place)
    committed(state, session)
    known = state.sessions[session]
    for number, held in [*state.objects.items()]:
        if held.session != session:
            continue
        if held.life in LIVE:
            held = replace(held, life="persistent")
            if known.expires is not False:
                held = expired(held, place) if known.expires else maybe_expired(held)
            state.objects[number] = held
        elif held.life == "deleted":
            commit_deleted(state, number, known, place)
    state.sessions[session] = replace(all_expired(known, known.expires), begun=False, written=())


def rollback(state: State, session: int, place: Place) -> None:
    """End the transaction: what it inserted is new again, even if it left the session; everything else is expired."""
    known = state.sessions[session]
    if known.begun is False:
        return
    for number, held in [*state.objects.items()]:
        if held.session != session:
            continue
        if held.life == "persistent":
            state.objects[number] = expired(held, place) if known.begun else maybe_expired(held)
        elif held.life in ("pending", "flushed", "deleted") or (held.life == "detached" and held.made):
            unseen(state, number)
    state.sessions[session] = replace(all_expired(known, known.begun), begun=False, written=())


def close(state: State, session: int, place: Place) -> None:
    """Detach all objects and end the transaction."""
    for number, held in [*state.objects.items()]:
        if held.session == session:
            detach(state, number, place)
    lose(state, session)
    state.sessions[session] = replace(state.sessions[session], begun=False, present=(), written=())


def detach(state: State, number: int, place: Place) -> None:
    """Take an object from its session."""
    held = state.objects[number]
    if held.life in LIVE:
        if held.session is not None and place.what.startswith("expunge"):
            held = perhaps_loaded(state.sessions[held.session].behind, held)
        state.objects[number] = replace(held, life="detached", detached=place)
    elif held.life == "pending":
        state.objects[number] = replace(held, life="new", session=None)
    elif held.life == "deleted":
        unseen(state, number)


def add(state: State, session: int, value: Value) -> None:
    """Add objects, and those that their relationships lead to, to a session."""
    for number in objects_in(state, value, deep=True):
        held = state.objects[number]
        if held.life == "new":
            state.objects[number] = replace(held, life="pending", session=session)
            appear(state, session, held.mapped.cls, made=held.made)
        elif held.life in ("detached", "unknown"):
            for other in [*twins(state, number), *_cascaded(state, number)]:
                unseen(state, other)
                state.objects[other] = replace(state.objects[other], session=None)
            state.objects[number] = replace(held, life="persistent", session=session, detached=None)
            appear(state, session, held.mapped.cls)
            if held.life == "unknown" and isinstance(held.base, Unseen):
                state.objects[number] = replace(state.objects[number], life="persistent")


def _cascaded(state: State, number: int) -> Iterator[int]:
    """Yield the detached objects that may come along with one, behind loaded relationships nobody has looked at."""
    owner = state.objects[number]
    reached = [item.target for name, item in owner.mapped.attributes.items() if _may_lead(slot_of(owner, name))]
    for cls in reached:
        mapped = mapped_class(cls) if cls is not None else None
        reached += [item.target for item in mapped.attributes.values() if item.target not in reached] if mapped else []
    for other, held in [*state.objects.items()]:
        alike = held.family == owner.family or (held.life, held.session) != ("detached", owner.session)
        if not alike and any(cls is not None and related(cls, held.mapped.cls) for cls in reached):
            yield other


def cascade(state: State, number: int, value: Value) -> None:
    """Add what is put into a relationship of an object to the object's session."""
    owner = state.objects[number]
    if owner.session is not None and owner.life in ("pending", *LIVE):
        add(state, owner.session, value)
        return
    for other in objects_in(state, value):
        held = state.objects[other]
        if owner.life == "new" and held.session is not None and held.life in ("pending", *LIVE):
            # The backref cascades the other way only until 2.0.
            return
