"""What a session holds already, which an object that is loaded may be."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from flake8_async_sqla.semantics.flow.state.again import UNCERTAIN, applied_again
from flake8_async_sqla.semantics.flow.state.frame import Run
from flake8_async_sqla.semantics.flow.state.heap import (
    QUERIED,
    UNSURE,
    Base,
    Behind,
    Expired,
    Fetched,
    Fresh,
    Loaded,
    MaybeExpired,
    ObjectState,
    Slot,
    State,
    Unloaded,
    Unsure,
)
from flake8_async_sqla.semantics.flow.state.session import Presence, SessionState
from flake8_async_sqla.semantics.flow.state.slots import RAISING, has_expired, is_unsure, slot_of, unexpired
from flake8_async_sqla.semantics.flow.state.values import Object, inside
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import may_share, others_beside, related
from flake8_async_sqla.semantics.types import ProjectClass

LESS = ("raising", "relationship")


def may_be(state: State, old: ObjectState, fresh: ObjectState) -> bool:
    """Tell whether a query loaded an object before that may be another one."""
    if not isinstance(unexpired(old).base, Fetched) or not related(old.mapped.cls, fresh.mapped.cls):
        return False
    if 0 < old.since < fresh.made:
        return False
    if 0 < fresh.since < old.since and old.query is not None and not old.query.populate_existing:
        return False  # the options of the query that loads an object first stay
    apart = isinstance(old.key, int) and isinstance(fresh.key, int) and old.key != fresh.key
    return not apart and may_share(state, old.session, fresh.session)


def appear(state: State, session: int | None, cls: ProjectClass, several: bool = False, made: int = 0) -> None:
    """Note that a session holds objects of a class.

    Args:
        state: What is known; it is changed.
        session: The session.
        cls: The class.
        several: Whether there may be several.
        made: When the constructor made it, if it did.
    """
    if session is not None and (held := state.sessions.get(session)) is not None:
        before = next((item for item in held.present if item.cls == cls), None)
        since = made if before is None else min(before.since, made)
        new = Presence(cls, several or before is not None, since)
        present = (*(item for item in held.present if item != before), new)
        expired = frozenset(other for other in held.expired if not related(other, cls))
        state.sessions[session] = replace(held, present=present, expired=expired)


def all_expired(held: SessionState, certain: bool | None) -> SessionState:
    """Expire everything that a session holds, if that is certain."""
    expired = frozenset(item.cls for item in held.present)
    return replace(held, behind=held.again, expired=expired) if certain else held


def may_load_again(state: State, session: int | None) -> None:
    """Reckon with a load that applies options of earlier queries: anything that is expired may come back with it."""
    if session is not None and (held := state.sessions.get(session)) is not None:
        state.sessions[session] = replace(held, expired=frozenset())


def note_behind(state: State, session: int, pairs: frozenset[tuple[ProjectClass, str]]) -> None:
    """Note attributes that may be loaded, or set, of several objects that nobody has looked at."""
    held = state.sessions[session]
    state.sessions[session] = replace(held, behind=held.behind | pairs, repeated=held.repeated | pairs)


def enter(run: Run, state: State, fresh: ObjectState) -> int:
    """Give an object a number."""
    number = run.number()
    state.objects[number] = fresh if fresh.family else replace(fresh, family=number)
    return number


def known_before(
    state: State, fresh: ObjectState, *, alone: bool = False, renewed: bool = False, by_key: bool = False
) -> ObjectState:
    """Reckon with the identity map: the object may be one that the session has already, with what it has loaded.

    Args:
        state: What is known; it is changed.
        fresh: The object.
        alone: Whether the others stay as they are, for nothing is loaded.
        renewed: Whether it is loaded anew (``populate_existing``), which drops the options of the query before.
        by_key: Whether it may be looked up as ``get()`` does it: what is held and expired is loaded as it was before.
    """
    held = state.sessions.get(fresh.session) if fresh.session is not None else None
    gotten = fresh.query is None  # without a query, where the session holds it: the options are of no effect
    if gotten and held is not None and any(related(item.cls, fresh.mapped.cls) for item in held.present):
        fresh = _loaded_otherwise(fresh)
    planned = fresh  # what is unsure of it is no news to the others: they have been compared with what made it so
    if held is not None and not (alone and _expired_still(held, fresh)):
        single = _of_one(state, held, fresh) if fresh.count == "all" else frozenset()
        seen = perhaps_loaded(held.behind - single, fresh)
        fresh = seen if perhaps_loaded(single, seen) == seen else replace(seen, beside=True)
    # What is looked up by its key is loaded as it was before; rows of a query bring what that query says.
    way = _Way(planned, renewed, as_before=by_key or (gotten and not fresh.path))
    for number, old in [*state.objects.items()]:
        if not _may_be_held(state, old, fresh):
            continue
        if renewed and not alone and applied_again(old.base) != applied_again(fresh.base):
            state.objects[number] = old = replace(old, base=_options_lost(old.base))
        if old.dirty is None and not alone:
            state.objects[number] = old = replace(old, dirty=False)  # if it was flushed before, it is loaded now
        kept = alone or (gotten and not renewed and _given_as_it_is(old, fresh))
        fresh = _compared(state, number, fresh, way, kept=kept)
    return fresh


class _Way(NamedTuple):
    """How an object is loaded: as ``planned`` where the session does not hold it, anew, or as it was before."""

    planned: ObjectState
    renewed: bool
    as_before: bool


def _may_be_held(state: State, old: ObjectState, fresh: ObjectState) -> bool:
    """Tell whether an object that is loaded may be one that the session holds, or did when it was detached."""
    if old.life not in ("persistent", "flushed", "pending", "unknown") and old.life != fresh.life:
        return False
    if not may_share(state, old.session, fresh.session) or not related(old.mapped.cls, fresh.mapped.cls):
        return False
    if isinstance(old.key, int) and isinstance(fresh.key, int) and old.key != fresh.key:
        return False
    return not (0 < fresh.since < old.made or (fresh.path and old.alone) or _next_to(old, fresh))


def _next_to(old: ObjectState, fresh: ObjectState) -> bool:
    """Tell whether a relationship leads from an object that came alone to another one: few are next to themselves."""
    return len(fresh.path) == 1 and not old.path and old.count == "one" and 0 < old.since == fresh.since


def _compared(state: State, number: int, fresh: ObjectState, way: _Way, *, kept: bool) -> ObjectState:
    """Reckon with one object that another one, which is loaded, may be; return the other one.

    Args:
        state: What is known; it is changed.
        number: The object that is held.
        fresh: The other one.
        way: How it is loaded.
        kept: Whether that leaves what is held as it is.
    """
    old, beside = state.objects[number], False
    for name, attribute in fresh.mapped.attributes.items():
        if attribute.kind not in ("column", "relationship", "column_property"):
            continue
        here, there = slot_of(way.planned, name), _held(state, old, name, fresh)
        again = way.as_before and isinstance(here, Unloaded) and _comes_back(state, old, name, here, there)
        if isinstance(here, Unloaded) and (again or not isinstance(there, Unloaded)):
            one = others_beside(fresh, old)
            fresh = replace(fresh, beside=True) if one else fresh.having(name, _perhaps(state, there))
        if isinstance(there, Unloaded) and (again or not isinstance(here, Unloaded)) and not kept:
            beside = beside or (others_beside(old, fresh) and not old.beside)
            state.objects[number] = old = old if beside else old.having(name, _perhaps(state, here))
        elif is_unsure(there) and name in old.mapped.attributes and not isinstance(here, Unloaded) and not kept:
            state.objects[number] = old = old.having(name, there)  # also when it is detached
        if isinstance(here, Behind) and _set_to_stranger(state, there) and not way.renewed:
            fresh = fresh.having(name, UNSURE)
        if way.renewed and isinstance(here, Behind) and isinstance(there, Behind) and here != there:
            state.objects[number] = old = old.having(name, UNSURE)
        if again or not isinstance(here, Unloaded) or not isinstance(there, Unloaded):
            continue
        by_mapping = attribute.lazy in RAISING  # which lazyload() of one query overrides
        if by_mapping and (here.kind, there.kind) == LESS:
            fresh = fresh.having(name, replace(here, kind="relationship"))
        if (by_mapping or way.renewed) and (there.kind, here.kind) == LESS:
            state.objects[number] = old = old.having(name, replace(there, kind="relationship"))
    if beside:
        state.objects[number] = replace(old, beside=True)
    return fresh


def _options_lost(base: Base) -> Base:
    """Reckon with ``populate_existing``: a refresh may not apply the options any more that an object came with."""
    if isinstance(base, (Expired, MaybeExpired)):
        return replace(base, before=_options_lost(base.before))
    return replace(base, again=UNCERTAIN) if isinstance(base, (Fetched, Fresh)) else base


def _held(state: State, old: ObjectState, name: str, fresh: ObjectState) -> Slot:
    """Say what an attribute of an object is that the session holds: if a query gives it, it was inserted by then."""
    perhaps_flushed = old.session is not None and state.sessions[old.session].autoflush is None
    if old.life == "pending" and old.base == Fresh() and perhaps_flushed and isinstance(fresh.base, Fetched):
        return slot_of(replace(old, base=Fresh(fresh.base.cause), life="flushed"), name)
    return slot_of(old, name)


def _set_to_stranger(state: State, slot: Slot) -> bool:
    """Tell whether a relationship was set to an object that is in no session, which no query finds."""
    held = inside(slot.value) if isinstance(slot, Loaded) else ()
    return any(isinstance(item, Object) and state.objects[item.id].life == "new" for item in held)


def _of_one(state: State, held: SessionState, fresh: ObjectState) -> frozenset[tuple[ProjectClass, str]]:
    """List what is loaded of one object at most, among those that nobody has looked at: others are beside it."""
    if not any(item.several and related(item.cls, fresh.mapped.cls) for item in held.present):
        return held.behind
    alike = [old for old in state.objects.values() if related(old.mapped.cls, fresh.mapped.cls)]
    return frozenset(
        (cls, name)
        for cls, name in held.behind - held.repeated
        if all(isinstance(slot_of(old, name), Unloaded) for old in alike)
    )


def perhaps_loaded(behind: Iterable[tuple[ProjectClass, str]], fresh: ObjectState) -> ObjectState:
    """Reckon with what may be loaded of objects that nobody has looked at: one of them may be this one."""
    alike: dict[ast.ClassDef, bool] = {}
    for cls, name in behind:
        if cls.node not in alike:
            alike[cls.node] = related(cls, fresh.mapped.cls)
        if alike[cls.node] and isinstance(slot_of(fresh, name), Unloaded):
            fresh = fresh.having(name, QUERIED)
    return fresh


def _perhaps(state: State, slot: Slot) -> Unsure:
    """Say what an attribute is that is not loaded, or is as that of another object, which may be the same."""
    held = [item.id for item in inside(slot.value) if isinstance(item, Object)] if isinstance(slot, Loaded) else []
    strange = any(state.objects[number].made or state.objects[number].life == "unknown" for number in held)
    known = bool(held) and not strange if isinstance(slot, Loaded) else slot == QUERIED or not isinstance(slot, Unsure)
    return QUERIED if known else UNSURE


def _comes_back(state: State, old: ObjectState, name: str, here: Unloaded, there: Slot) -> bool:
    """Tell whether an expired attribute may come back whatever the options: what is held is loaded again, as before."""
    if not isinstance(there, Unloaded) or there.kind != "expired" or here.kind == "expired":
        return False
    if here.kind in ("deferred", "raising"):
        return True
    held = [other for other in state.objects.values() if other is old or may_be(state, other, old)]
    return any(not isinstance(slot_of(unexpired(other), name), Unloaded) for other in held)


def _given_as_it_is(old: ObjectState, fresh: ObjectState) -> bool:
    """Tell whether ``get()`` gives an object, if it asks for that, without a query: nothing of it is expired."""
    plain = isinstance(fresh.base, Fetched) and fresh.base.plan.certain and not fresh.path
    return plain and isinstance(old.base, (Fetched, Fresh)) and not has_expired(old)


def _expired_still(held: SessionState, fresh: ObjectState) -> bool:
    """Tell whether all objects of a class are expired, and nothing has loaded one of them since."""
    return isinstance(fresh.base, Expired) and fresh.mapped.cls in held.expired


def _loaded_otherwise(fresh: ObjectState) -> ObjectState:
    """Reckon with an object that came without the options: what they let raise is loaded by who may emit SQL."""
    for name, attribute in fresh.mapped.attributes.items():
        if attribute.kind != "relationship" or attribute.lazy == "raise":
            continue
        if isinstance(slot := slot_of(fresh, name), Unloaded) and slot.kind == "raising":
            fresh = fresh.having(name, Unloaded("relationship", slot.cause))
    return fresh
