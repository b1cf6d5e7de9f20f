"""Objects that are loaded again: the options of the query that loaded them apply anew."""

from __future__ import annotations

from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.again import applied_again
from flake8_async_sqla.semantics.flow.state.changing import found_loaded
from flake8_async_sqla.semantics.flow.state.heap import (
    QUERIED,
    Behind,
    Fetched,
    Fresh,
    Loaded,
    ObjectState,
    State,
    Unloaded,
)
from flake8_async_sqla.semantics.flow.state.slots import (
    EAGER,
    has_expired,
    is_unsure,
    perhaps_current,
    slot_of,
    unexpired,
)
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import (
    may_be,
    may_load_again,
    perhaps_loaded,
)
from flake8_async_sqla.semantics.flow.unit_of_work.reaching import reach
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.types import ProjectClass


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
        if not plan.certain:
            _reach_any(state, number, before)
        if isinstance(loaded_once.base, Fetched):
            loaded_once = replace(loaded_once, base=Fetched(plan, None))
    for name, attribute in before.mapped.attributes.items():
        held = state.objects[number]
        slot, once = slot_of(held, name), slot_of(loaded_once, name)
        new = isinstance(once, Unloaded) and once.kind == "new" and attribute.lazy in EAGER
        loaded_too = any(isinstance(slot_of(other, name), (Behind, Loaded)) for other in (loaded_once, *others))
        unseen_options = plan is not None and not plan.certain and is_unsure(once)
        if isinstance(slot, Unloaded) and (new or loaded_too or unseen_options):
            state.objects[number] = held.having(name, QUERIED)
            found_loaded(state, number, name)
    if not before.alone:
        state.objects[number] = perhaps_loaded(unseen, state.objects[number])


def _reach_any(state: State, number: int, before: ObjectState) -> None:
    """Reckon with options that are not known: whatever is expired may be loaded behind the object."""
    for other, held in [*state.objects.items()]:
        if other != number and held.session == before.session and not held.alone and has_expired(held):
            state.objects[other] = perhaps_current(held)


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
