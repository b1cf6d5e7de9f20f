"""Objects that queries load, and those that come along behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.again import applied_again, nested, nothing_left_out
from flake8_async_sqla.semantics.flow.state.following import behind, comes_alone
from flake8_async_sqla.semantics.flow.state.frame import Run
from flake8_async_sqla.semantics.flow.state.heap import (
    QUERIED,
    UNSURE,
    Behind,
    Fetched,
    Fresh,
    Loaded,
    ObjectState,
    Slot,
    State,
    Unloaded,
)
from flake8_async_sqla.semantics.flow.state.objects import twins
from flake8_async_sqla.semantics.flow.state.session import Key
from flake8_async_sqla.semantics.flow.state.slots import (
    EAGER,
    has_expired,
    left_out,
    may_be_empty,
    perhaps_current,
    slot_of,
    unexpired,
)
from flake8_async_sqla.semantics.flow.state.values import Object
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import (
    LESS,
    appear,
    enter,
    known_before,
    may_be,
    may_load_again,
    perhaps_loaded,
)
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related, subclasses
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.loading.plan import Plan, Query
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.types import ProjectClass

MAX_BEHIND = 4


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
    return replace(held, query=fresh.query)


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
    single = attribute.kind == "relationship" and attribute.uselist is False
    mapped = slot_of(replace(fresh, base=Fetched(Plan(), None)), name)
    return not isinstance(mapped, Unloaded) or (single and isinstance(slot, Unloaded) and left_out(attribute, slot))


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
        alike = old.session == fresh.session and old.mapped.cls == fresh.mapped.cls and old.life == "persistent"
        if matches and alike:
            slots = {
                name: slot for name in old.mapped.attributes if (slot := _not_loaded(old, fresh, name)) is not None
            }
            state.objects[number] = replace(old, base=fresh.base, slots=slots, classes=fresh.classes, since=0, rows=0)


def _not_loaded(old: ObjectState, fresh: ObjectState, name: str) -> Slot | None:
    """Say what an attribute is that is not loaded anew; None if no more is known than of any object."""
    attribute, now = old.mapped.attributes[name], slot_of(fresh, name)
    if not isinstance(now, Unloaded):
        return None
    if _keeps(fresh, name):
        return slot_of(old, name)
    single = attribute.kind == "relationship" and attribute.uselist is False and attribute.many_to_one is not False
    return replace(now, keyless=True) if single and may_be_empty(old, attribute) else None


def reach(
    state: State, owner: ObjectState, several: bool, *, renewed: bool = False, parent: MappedClass | None = None
) -> None:
    """Reckon with the objects that are loaded behind an object: they are in the session, and refreshed if expired.

    Args:
        state: What is known; it is changed.
        owner: The object, as a query loads it.
        several: Whether there may be several of it.
        renewed: Whether they are loaded anew (``populate_existing``).
        parent: The class that the query names, which has been reckoned with, where the object is of a subclass.
    """
    certain = isinstance(owner.base, Fetched) and owner.base.plan.certain
    owner = replace(owner, made=0)  # that nobody saw a relationship of a new object set does not make it empty
    for name, attribute in owner.mapped.attributes.items():
        if attribute.kind != "relationship" or attribute.target is None or len(owner.path) >= MAX_BEHIND:
            continue
        if parent is not None and parent.attributes.get(name) == attribute:
            continue
        found = slot_of(owner, name)
        target = mapped_class(attribute.target) if isinstance(found, Behind) else None
        if isinstance(found, Behind) and target is not None and isinstance(owner.base, Fetched):
            alike = several or attribute.uselist is not False
            appear(state, owner.session, target.cls, alike)
            # What the mapping loads behind what the mapping loads has no options of its own.
            plan = found.plan if name in owner.base.plan.relationships else replace(found.plan, certain=certain)
            child = replace(behind(owner, attribute, Behind(plan)), life=owner.life)
            _load_behind(state, child, alike)
            by_option = name in owner.base.plan.relationships
            joined = found.plan.joined if by_option else attribute.lazy == "joined"
            if not joined:
                may_load_again(state, owner.session)
            known_before(state, child, renewed=renewed, by_key=attribute.many_to_one is not False and not joined)
            reach(state, child, alike, renewed=renewed)
    if owner.mapped.discriminator and isinstance(owner.base, Fetched) and parent is None:
        for cls in subclasses(owner.mapped.cls):
            if (mapped := mapped_class(cls)) is not None:
                reach(state, replace(owner, mapped=mapped), several, renewed=renewed, parent=owner.mapped)


def reach_through(state: State, owner: ObjectState, name: str, plan: Plan) -> None:
    """Reckon with the objects that the load of one relationship brings in.

    Args:
        state: What is known; it is changed.
        owner: The object whose relationship it is.
        name: The relationship.
        plan: What is loaded of the objects behind it.
    """
    only = Fetched(Plan(relationships={name: plan}, unloaded=frozenset("*")), None)
    # If it is not a SELECT for the relationship alone, it may be one that does not know that it started here.
    classes = owner.classes if comes_alone(owner, owner.mapped.attributes[name]) else ()
    reach(state, replace(owner, base=only, slots={}, classes=classes, since=0), True)


def _load_behind(state: State, child: ObjectState, several: bool) -> None:
    """Note what may be loaded of an object behind a relationship, or of several."""
    if child.session is not None and (held := state.sessions.get(child.session)) is not None:
        plain = replace(child, base=Fetched(Plan(), None))
        pairs = [(child.mapped.cls, name) for name in child.mapped.attributes if not _raises_still(child, plain, name)]
        again = held.again.union(pair for pair in pairs if isinstance(slot_of(plain, pair[1]), Unloaded))
        repeated = held.repeated.union(pair for pair in pairs if several or pair in held.behind)
        behind = held.behind.union(pairs)
        state.sessions[child.session] = replace(held, behind=behind, again=again, repeated=repeated)


def _raises_still(child: ObjectState, plain: ObjectState, name: str) -> bool:
    """Tell whether an attribute is not loaded, nor is what lets its read raise overridden."""
    here, mapped = slot_of(child, name), slot_of(plain, name)
    overridden = isinstance(mapped, Unloaded) and isinstance(here, Unloaded) and (mapped.kind, here.kind) == LESS
    return isinstance(here, Unloaded) and not overridden


def reloaded(state: State, number: int, before: ObjectState) -> None:
    """Reckon with the options of the query that loaded an object, perhaps another one: a refresh applies them anew."""
    loaded_once = unexpired(before)
    others = [unexpired(other) for other in state.objects.values() if may_be(state, other, before)]
    unseen = state.sessions[before.session].again if before.session is not None else ()
    if any(_brings_in(held) for held in (loaded_once, *others)) or any(
        related(cls, before.mapped.cls) for cls, _ in unseen
    ):
        may_load_again(state, before.session)
    _reach_unseen(state, number, before)
    if (plan := applied_again(before.base)) is not None:
        reach(state, replace(loaded_once, base=Fetched(plan, None), classes=(), since=0), True)
        if isinstance(loaded_once.base, Fetched):
            loaded_once = replace(loaded_once, base=Fetched(plan, None))
    for name, attribute in before.mapped.attributes.items():
        held = state.objects[number]
        slot, once = slot_of(held, name), slot_of(loaded_once, name)
        new = isinstance(once, Unloaded) and once.kind == "new" and attribute.lazy in EAGER
        loaded_too = any(isinstance(slot_of(other, name), (Behind, Loaded)) for other in (loaded_once, *others))
        if isinstance(slot, Unloaded) and (new or loaded_too):
            state.objects[number] = held.having(name, QUERIED)
            for other in twins(state, number):
                if isinstance(slot_of(state.objects[other], name), Unloaded):
                    state.objects[other] = state.objects[other].having(name, UNSURE)
    if not before.alone:
        state.objects[number] = perhaps_loaded(unseen, state.objects[number])


def _reach_unseen(state: State, number: int, before: ObjectState) -> None:
    """Reckon with the options of a query behind whose objects the one that is loaded again may be, unlooked at."""
    session = state.sessions.get(before.session) if before.session is not None else None
    if session is None or before.alone:
        return
    reached = [before.mapped.cls]
    for cls in reached:
        targets = [_target(owner, name) for owner, name in session.again if related(owner, cls)]
        reached += [target for target in dict.fromkeys(targets) if target is not None and target not in reached]
    for other, held in [*state.objects.items()]:
        if other == number or held.session != before.session or held.life not in ("persistent", "flushed"):
            continue
        if any(related(held.mapped.cls, cls) for cls in reached[1:]):
            state.objects[other] = perhaps_loaded(session.again, perhaps_current(held, columns_only=True))


def _target(owner: ProjectClass, name: str) -> ProjectClass | None:
    mapped = mapped_class(owner)
    attribute = mapped.attributes.get(name) if mapped is not None else None
    return attribute.target if attribute is not None else None


def _brings_in(held: ObjectState) -> bool:
    """Tell whether other objects may be loaded together with one."""
    made = isinstance(held.base, Fresh)
    return any(
        attribute.kind == "relationship"
        and (attribute.lazy in EAGER or not (made or isinstance(slot_of(held, name), Unloaded)))
        for name, attribute in held.mapped.attributes.items()
    )
