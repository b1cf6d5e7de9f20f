"""What a session holds: objects that queries load, and those that it has already."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.frame import Run
from flake8_async_sqla.semantics.flow.state.heap import (
    UNSURE,
    Behind,
    Fetched,
    Key,
    Loaded,
    ObjectState,
    Presence,
    SessionState,
    Slot,
    State,
    Unloaded,
)
from flake8_async_sqla.semantics.flow.state.slots import EAGER, RAISING, behind, left_out, slot_of, unexpired
from flake8_async_sqla.semantics.flow.state.values import Object
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import may_share, others_beside, related, subclasses
from flake8_async_sqla.semantics.loading.plan import Plan, Query
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.types import ProjectClass

MAX_BEHIND = 4
_LESS = ("raising", "relationship")


def loaded(
    run: Run, state: State, mapped: MappedClass, plan: Plan, session: int, cause: Place, query: Query | None,
    *, count: Literal["one", "some", "all"] = "one", renewed: bool = False, key: Key | None = None,
) -> Object:  # fmt: skip
    """Put an object into the heap that a query loads, or one that stands for all that it loads."""
    several = count != "one"
    fresh = ObjectState(mapped, Fetched(plan, cause), session=session, classes=(mapped.cls,), query=query, key=key)
    fresh = replace(fresh, count=count)
    if renewed:
        before = any(related(item.cls, mapped.cls) for item in state.sessions[session].present)
        if before and replace(plan, joined=False) == Plan():  # without options, those of it stay for a refresh
            fresh = replace(fresh, base=Fetched(plan, cause, Plan(certain=False)))
        _reset(state, fresh)
    seen = known_before(state, fresh, renewed=renewed)
    seen = replace(seen, family=_same(state, seen))
    fresh = replace(fresh, family=seen.family)
    number = enter(run, state, replace(_renewed(fresh, seen) if renewed else seen, since=run.number()))
    appear(state, session, mapped.cls, several)
    reach(state, fresh, several, renewed=renewed)
    return Object(number)


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
            unloaded = [name for name in old.mapped.attributes if isinstance(slot_of(fresh, name), Unloaded)]
            kept = {name: slot_of(old, name) for name in unloaded if _keeps(fresh, name)}
            state.objects[number] = replace(old, base=fresh.base, slots=kept, classes=fresh.classes, since=0, rows=0)


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
    from flake8_async_sqla.semantics.mapping import mapped_class

    certain = isinstance(owner.base, Fetched) and owner.base.plan.certain
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
            _load_behind(state, child)
            by_option = name in owner.base.plan.relationships
            joined = found.plan.joined if by_option else attribute.lazy == "joined"
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
    # It may be a query of its own, which does not know that it started here.
    reach(state, replace(owner, base=only, slots={}, classes=(), since=0), True)


def _load_behind(state: State, child: ObjectState) -> None:
    """Note what may be loaded of an object behind a relationship."""
    if child.session is not None and (held := state.sessions.get(child.session)) is not None:
        plain = replace(child, base=Fetched(Plan(), None))
        pairs = [(child.mapped.cls, name) for name in child.mapped.attributes if not _raises_still(child, plain, name)]
        again = held.again.union(pair for pair in pairs if isinstance(slot_of(plain, pair[1]), Unloaded))
        state.sessions[child.session] = replace(held, behind=held.behind.union(pairs), again=again)


def _raises_still(child: ObjectState, plain: ObjectState, name: str) -> bool:
    """Tell whether an attribute is not loaded, nor is what lets its read raise overridden."""
    here, mapped = slot_of(child, name), slot_of(plain, name)
    overridden = isinstance(mapped, Unloaded) and isinstance(here, Unloaded) and (mapped.kind, here.kind) == _LESS
    return isinstance(here, Unloaded) and not overridden


def reloaded(state: State, number: int, before: ObjectState) -> None:
    """Reckon with the options of the query that loaded an object, perhaps another one: a refresh applies them anew."""
    loaded_once = unexpired(before)
    others = [unexpired(other) for other in state.objects.values() if _may_be(state, other, before)]
    reach(state, replace(loaded_once, classes=(), since=0), True)
    for name, attribute in before.mapped.attributes.items():
        held = state.objects[number]
        slot, once = slot_of(held, name), slot_of(loaded_once, name)
        new = isinstance(once, Unloaded) and once.kind == "new" and attribute.lazy in EAGER
        loaded_too = any(isinstance(slot_of(other, name), (Behind, Loaded)) for other in (loaded_once, *others))
        if isinstance(slot, Unloaded) and (new or loaded_too):
            state.objects[number] = held.having(name, UNSURE)


def _may_be(state: State, old: ObjectState, fresh: ObjectState) -> bool:
    """Tell whether a query loaded an object before that may be another one."""
    if not isinstance(unexpired(old).base, Fetched) or not related(old.mapped.cls, fresh.mapped.cls):
        return False
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
        state.sessions[session] = replace(held, present=(*(item for item in held.present if item != before), new))


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
    refreshed = by_key or (
        gotten and not fresh.path
    )  # as it was loaded before; rows of a query bring what that query says
    planned = fresh  # what is unsure of it is no news to the others: they have been compared with what made it so
    if held is not None and not _all_but_one(held, fresh):
        fresh = perhaps_loaded(held.behind, fresh)
    for number, old in [*state.objects.items()]:
        if old.life not in ("persistent", "flushed", "pending", "unknown") and old.life != fresh.life:
            continue
        if not may_share(state, old.session, fresh.session):
            continue
        if isinstance(old.key, int) and isinstance(fresh.key, int) and old.key != fresh.key:
            continue
        if not related(old.mapped.cls, fresh.mapped.cls) or 0 < fresh.since < old.made or (fresh.path and old.alone):
            continue
        beside = False
        for name, attribute in fresh.mapped.attributes.items():
            if attribute.kind not in ("column", "relationship", "column_property"):
                continue
            here, there = slot_of(planned, name), slot_of(old, name)
            again = refreshed and isinstance(here, Unloaded) and _comes_back(state, old, name, here, there)
            if isinstance(here, Unloaded) and (again or not isinstance(there, Unloaded)):
                fresh = fresh if others_beside(fresh, old) else fresh.having(name, UNSURE)
            if isinstance(there, Unloaded) and (again or not isinstance(here, Unloaded)) and not alone:
                beside = beside or (others_beside(old, fresh) and not old.beside)
                state.objects[number] = old = old if beside else old.having(name, UNSURE)
            elif there == UNSURE and name in old.mapped.attributes and not isinstance(here, Unloaded) and not alone:
                state.objects[number] = old = old.having(name, UNSURE)  # also when it is detached
            if renewed and isinstance(here, Behind) and isinstance(there, Behind) and here != there:
                state.objects[number] = old = old.having(name, UNSURE)
            if again or not isinstance(here, Unloaded) or not isinstance(there, Unloaded):
                continue
            by_mapping = attribute.lazy in RAISING  # which lazyload() of one query overrides
            if by_mapping and (here.kind, there.kind) == _LESS:
                fresh = fresh.having(name, replace(here, kind="relationship"))
            if (by_mapping or renewed) and (there.kind, here.kind) == _LESS:
                state.objects[number] = old = old.having(name, replace(there, kind="relationship"))
        if beside:
            state.objects[number] = replace(old, beside=True)
    return fresh


def perhaps_loaded(behind: Iterable[tuple[ProjectClass, str]], fresh: ObjectState) -> ObjectState:
    """Reckon with what may be loaded of objects that nobody has looked at: one of them may be this one."""
    alike: dict[ast.ClassDef, bool] = {}
    for cls, name in behind:
        if cls.node not in alike:
            alike[cls.node] = related(cls, fresh.mapped.cls)
        if alike[cls.node] and isinstance(slot_of(fresh, name), Unloaded):
            fresh = fresh.having(name, UNSURE)
    return fresh


def _comes_back(state: State, old: ObjectState, name: str, here: Unloaded, there: Slot) -> bool:
    """Tell whether an expired attribute may come back whatever the options: what is held is loaded again, as before."""
    if not isinstance(there, Unloaded) or there.kind != "expired" or here.kind == "expired":
        return False
    if here.kind in ("deferred", "raising"):
        return True
    held = [other for other in state.objects.values() if other is old or _may_be(state, other, old)]
    return any(not isinstance(slot_of(unexpired(other), name), Unloaded) for other in held)


def _all_but_one(held: SessionState, fresh: ObjectState) -> bool:
    """Tell whether the session holds one object at most of those that are loaded: the others are as the query says."""
    return fresh.count == "all" and not any(
        item.several and related(item.cls, fresh.mapped.cls) for item in held.present
    )


def _loaded_otherwise(fresh: ObjectState) -> ObjectState:
    """Reckon with an object that came without the options: a many-to-one that they let raise may need no SQL."""
    for name, attribute in fresh.mapped.attributes.items():
        if attribute.kind != "relationship" or attribute.many_to_one is False or attribute.lazy == "raise":
            continue
        if isinstance(slot := slot_of(fresh, name), Unloaded) and slot.kind == "raising":
            fresh = fresh.having(name, Unloaded("relationship", slot.cause))
    return fresh
