"""Objects that queries load."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.again import nested, nothing_left_out
from flake8_async_sqla.semantics.flow.state.frame import Run
from flake8_async_sqla.semantics.flow.state.heap import (
    Behind,
    Fetched,
    ObjectState,
    Slot,
    State,
    Unloaded,
)
from flake8_async_sqla.semantics.flow.state.session import Key
from flake8_async_sqla.semantics.flow.state.slots import RAISING, has_expired, may_be_empty, slot_of
from flake8_async_sqla.semantics.flow.state.values import Object
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import (
    LESS,
    appear,
    enter,
    known_before,
    may_be,
    may_load_again,
)
from flake8_async_sqla.semantics.flow.unit_of_work.reaching import reach, reach_through
from flake8_async_sqla.semantics.flow.unit_of_work.reloading import reloaded
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.loading.plan import Plan, Query
from flake8_async_sqla.semantics.mapping.model import MappedClass


def loaded(
    run: Run, state: State, mapped: MappedClass, plan: Plan, session: int, cause: Place, query: Query | None,
    *, count: Literal["one", "some", "all"] = "one", renewed: bool = False, key: Key | None = None,
) -> Object:  # fmt: skip
    """Put an object into the heap that a query loads, or one that stands for all that it loads."""
    several = count != "one"
    fresh = ObjectState(mapped, Fetched(plan, cause), session=session, classes=(mapped.cls,), query=query, key=key)
    fresh = replace(fresh, count=count, life="absent" if _none_there(state, fresh) else fresh.life)
    before = any(related(item.cls, mapped.cls) for item in state.sessions[session].present)
    if before and not renewed and (again := nothing_left_out(plan)) != plan:
        fresh = replace(fresh, base=Fetched(plan, cause, again))  # the options of the query that loads it first stay
    if renewed:
        if before and replace(plan, joined=False) == Plan():  # without options, those of it stay for a refresh
            fresh = replace(fresh, base=Fetched(plan, cause, Plan(certain=False)))
        _reset(state, fresh)
    others = [other for other, old in state.objects.items() if query is None and _comes_again(old, fresh)]
    seen = known_before(state, fresh, renewed=renewed)
    seen = replace(seen, family=_same(state, seen))
    fresh = replace(fresh, family=seen.family)
    number = enter(run, state, replace(_renewed(fresh, seen) if renewed else seen, since=run.number()))
    appear(state, session, mapped.cls, several)
    reach(state, fresh, several, renewed=renewed)
    if query is None:
        may_load_again(state, session)
        for other in [*others]:
            reloaded(state, other, state.objects[other])
    _reach_as_before(state, fresh)
    return Object(number)


def completed(held: ObjectState, fresh: ObjectState, after: ObjectState) -> ObjectState:
    """Return an object that the session holds after another query for it: that loads what was not loaded.

    Args:
        held: The object as it was.
        fresh: The object as the query loads it, where the session does not hold it.
        after: The object as it may be, for it may stand behind relationships that the query loads, too.
    """
    lazy = fresh.base.plan.unloaded if isinstance(fresh.base, Fetched) else frozenset()
    for name in held.mapped.attributes:
        here, there = slot_of(fresh, name), slot_of(held, name)
        raises_still = isinstance(there, Unloaded) and (there.kind, getattr(here, "kind", "")) == LESS
        if isinstance(there, Unloaded) and (not raises_still or name in lazy or "*" in lazy):
            both = isinstance(here, Unloaded) and not isinstance(slot_of(after, name), Unloaded)
            held = held.having(name, slot_of(after, name) if both else here)
    return replace(held, query=fresh.query, dirty=held.dirty or False)


def _comes_again(old: ObjectState, fresh: ObjectState) -> bool:
    """Tell whether ``get()`` may load an expired object again, with the options that it came with."""
    alike = old.session == fresh.session and related(old.mapped.cls, fresh.mapped.cls)
    apart = isinstance(old.key, int) and isinstance(fresh.key, int) and old.key != fresh.key
    return alike and not apart and old.life in ("persistent", "flushed") and has_expired(old)


def _none_there(state: State, fresh: ObjectState) -> bool:
    """Tell whether a query has found no objects of a class on this path: only the rows say whether there are others."""
    emptied = (old for old in state.objects.values() if old.life == "absent" and not old.path)
    return any(old.session == fresh.session and old.mapped.cls in lineage(fresh.mapped.cls) for old in emptied)


def _reach_as_before(state: State, fresh: ObjectState) -> None:
    """Reckon with loads one by one (``immediateload``): the options that an object came with first apply to them."""
    for name, attribute in fresh.mapped.attributes.items():
        found = slot_of(fresh, name) if attribute.kind == "relationship" else None
        if not isinstance(found, Behind) or found.plan.joined or found.plan.subquery:
            continue
        for old in [*state.objects.values()]:
            if may_be(state, old, fresh) and (plan := nested(old, name)) not in (Plan(), found.plan):
                reach_through(state, fresh, name, plan)


def _renewed(fresh: ObjectState, seen: ObjectState) -> ObjectState:
    """Reckon with ``populate_existing``: what only options leave out keeps its value."""
    return replace(fresh, slots={name: held for name, held in seen.slots.items() if _keeps(fresh, name)})


def _keeps(fresh: ObjectState, name: str) -> bool:
    """Tell whether ``populate_existing`` leaves what an attribute holds, for only an option leaves it out."""
    attribute, slot = fresh.mapped.attributes[name], slot_of(fresh, name)
    mapped = slot_of(replace(fresh, base=Fetched(Plan(), None)), name)
    if attribute.kind == "relationship" and attribute.uselist is False and isinstance(slot, Unloaded):
        return not isinstance(mapped, Unloaded) or (slot.kind == "raising") != (attribute.lazy in RAISING)
    return not isinstance(mapped, Unloaded)


def _same(state: State, fresh: ObjectState) -> int:
    """Return the family of the objects with the same primary key; 0 if there are none."""
    for old in state.objects.values() if fresh.key is not None else ():
        if (old.key, old.session) == (fresh.key, fresh.session) and related(old.mapped.cls, fresh.mapped.cls):
            return old.family
    return 0


def _reset(state: State, fresh: ObjectState) -> None:
    """Load what the session holds anew, where it is certainly among what a query with ``populate_existing`` loads."""
    for number, old in [*state.objects.items()]:
        matches = fresh.count == "all" or (fresh.key is not None and fresh.key == old.key)
        alike = (old.session, old.mapped.cls) == (fresh.session, fresh.mapped.cls)
        if matches and alike and old.life in ("persistent", "flushed"):
            slots = {
                name: slot for name in old.mapped.attributes if (slot := _not_loaded(old, fresh, name)) is not None
            }
            renewed = replace(old, base=fresh.base, slots=slots, classes=fresh.classes, since=0, rows=0)
            state.objects[number] = replace(renewed, dirty=False, changed=frozenset())


def _not_loaded(old: ObjectState, fresh: ObjectState, name: str) -> Slot | None:
    """Say what an attribute is that is not loaded anew; None if no more is known than of any object."""
    attribute, now = old.mapped.attributes[name], slot_of(fresh, name)
    if not isinstance(now, Unloaded):
        return None
    if _keeps(fresh, name):
        return slot_of(old, name)
    single = attribute.kind == "relationship" and attribute.uselist is False and attribute.many_to_one is not False
    return replace(now, keyless=True) if single and may_be_empty(old, attribute) else None
