"""Objects in the heap: their attributes, taking one out of a collection, and losing sight of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.changing import twins
from flake8_async_sqla.semantics.flow.state.following import behind
from flake8_async_sqla.semantics.flow.state.frame import Run
from flake8_async_sqla.semantics.flow.state.heap import (
    UNSURE,
    Behind,
    Loaded,
    ObjectState,
    Slot,
    State,
    Unseen,
)
from flake8_async_sqla.semantics.flow.state.joining import joined_objects
from flake8_async_sqla.semantics.flow.state.keys import is_single
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.state.values import (
    OPAQUE,
    Items,
    Many,
    Nothing,
    Object,
    Rows,
    Service,
    Session,
    Value,
    inside,
    merged,
)
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import appear, enter, known_before
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.mapping.model import Attribute


def slot(run: Run, state: State, number: int, name: str) -> Slot:
    """Say what an attribute of an object in the heap is; objects behind a relationship enter the heap now."""
    from flake8_async_sqla.semantics.mapping import mapped_class

    owner = state.objects[number]
    found = slot_of(owner, name)
    attribute = owner.mapped.attributes.get(name)
    if not isinstance(found, Behind) or attribute is None:
        return found
    known = attribute.target is not None and mapped_class(attribute.target) is not None
    value = led_to(run, state, owner, attribute, behind(owner, attribute, found)) if known else OPAQUE
    result = Loaded(value)
    state.objects[number] = state.objects[number].having(name, result)
    return result


def led_to(run: Run, state: State, owner: ObjectState, attribute: Attribute, child: ObjectState) -> Value:
    """Put what a loaded relationship leads to into the heap.

    Args:
        run: The analysis.
        state: What is known; it is changed.
        owner: The object whose relationship it is.
        attribute: The relationship.
        child: The object behind it, as it is loaded where the session does not hold it.
    """
    if owner.session is None or attribute.uselist is None:
        return OPAQUE
    alone = owner.detached is not None and owner.detached.what == "expunge()"
    child = replace(child, life="unknown" if alone else owner.life, detached=owner.detached)
    if not alone:
        child = known_before(state, child, alone=True, by_key=attribute.many_to_one is not False)
    if owner.life == "persistent":
        appear(state, owner.session, child.mapped.cls, attribute.uselist)
    moved = attribute.uselist and any(related(child.mapped.cls, cls) for cls in run.moved)
    if moved or (owner.mapped.cls, attribute.name) in run.emptied:
        child = replace(child, base=Unseen(), life="unknown")
    new = Object(enter(run, state, child), not attribute.uselist)
    return Many(new, attribute.keyed) if attribute.uselist else new


def taken(run: Run, state: State, value: Value, *, optional: bool = False, one: bool = False) -> Value:
    """Take one item out of what stands for many: a copy of its own, which may be any of them.

    Args:
        run: The analysis.
        state: What is known; it is changed.
        value: What stands for many.
        optional: Whether there may be none.
        one: Whether it is a single one; otherwise, it is each in turn.
    """
    if isinstance(value, Object):
        if is_single(state.objects[value.id]):
            return replace(value, optional=optional or value.optional)
        number, held = run.number(), state.objects[value.id]
        if one and held.count == "all":
            held = known_before(state, replace(held, count="one"), alone=True)
        state.objects[number] = replace(held, count="one") if one else held
        return Object(number, optional or value.optional)
    if isinstance(value, Items):
        return replace(value, items=tuple(taken(run, state, item, one=one) for item in value.items))
    return value


def identified(state: State, value: Value) -> Value:
    """Give a single object a primary key to name it by, if the query has not."""
    if isinstance(value, Object) and (held := state.objects[value.id]).key is None and held.life == "persistent":
        state.objects[value.id] = replace(held, key=f"{value.id}.")
    return value


def either(run: Run, state: State, left: Value, right: Value) -> Value:
    """Return what stands for both of two values, among them objects of one class."""
    if not isinstance(left, Object) or not isinstance(right, Object) or left.id == right.id:
        return merged(left, right)
    one, other = state.objects[left.id], state.objects[right.id]
    if one.mapped.cls != other.mapped.cls or one.session != other.session:
        return OPAQUE
    for number, held in [*state.objects.items()]:
        if held.family == other.family:
            state.objects[number] = replace(held, family=one.family)
    number = run.number()
    state.objects[number] = replace(joined_objects(one, other), family=one.family)
    return Object(number, left.optional or right.optional)


def aligned(run: Run, ways: list[tuple[State, Value]]) -> list[tuple[State, Value]]:
    """Give the objects that a value holds the same number on all ways, where it holds the same kind of them on each."""
    ways = [(state, value if _is_held(state, value) else OPAQUE) for state, value in ways]
    values = [value for _, value in ways if not isinstance(value, Nothing)]
    first = values[0] if values else OPAQUE
    if all(value == first for value in values):
        return ways
    if all(isinstance(value, Object) for value in values):
        return _aligned_objects(run, ways)
    if all(isinstance(value, Many) for value in values) and len(values) == len(ways):
        items = aligned(run, [(state, value.item) for state, value in ways if isinstance(value, Many)])
        return [
            (state, replace(value, item=item))
            for (state, item), (_, value) in zip(items, ways, strict=True)
            if isinstance(value, Many)
        ]
    return ways


def _is_held(state: State, value: Value) -> bool:
    """Tell whether the objects of a value, which may come of a look ahead, are those of a state."""
    return all(item.id in state.objects for item in inside(value) if isinstance(item, Object))


def _aligned_objects(run: Run, ways: list[tuple[State, Value]]) -> list[tuple[State, Value]]:
    held = [(state, value, state.objects[value.id]) for state, value in ways if isinstance(value, Object)]
    if len({(owner.mapped.cls, owner.session) for _, _, owner in held}) > 1:
        return ways
    number = run.number()
    for state, _, owner in held:
        for other, twin in [*state.objects.items()]:
            if twin.family == owner.family:
                state.objects[other] = replace(twin, family=number)
        state.objects[number] = replace(owner, family=number)
    return [(state, Object(number, value.optional) if isinstance(value, Object) else value) for state, value in ways]


def give_back(state: State, many: Value, one: Value) -> None:
    """After a loop over all items, what became of the last became of each."""
    if isinstance(many, Object) and isinstance(one, Object) and many.id in state.objects and one.id in state.objects:
        state.objects[many.id] = state.objects[one.id]
    elif isinstance(many, Items) and isinstance(one, Items) and len(many.items) == len(one.items):
        for left, right in zip(many.items, one.items, strict=True):
            give_back(state, left, right)


def absent(state: State, item: Value | None) -> None:
    """Note that a collection is empty."""
    for number in objects_in(state, item) if item is not None else ():
        state.objects[number] = replace(state.objects[number], life="absent")


def objects_in(state: State, value: Value, *, deep: bool = False) -> list[int]:
    """List the objects that a value holds.

    Args:
        state: The state.
        value: The value.
        deep: Whether to follow loaded relationships too.
    """
    found = [item.id for item in inside(value) if isinstance(item, Object)]
    for number in found:
        for held in state.objects[number].slots.values() if deep else ():
            if isinstance(held, Loaded):
                found.extend(
                    item.id for item in inside(held.value) if isinstance(item, Object) and item.id not in found
                )
    return found


def forget(state: State, values: Iterable[Value], *, sessions: bool = True) -> None:
    """Lose sight of what unseen code was given: it may load, set, expire or detach."""
    for value in values:
        for number in objects_in(state, value, deep=True):
            for other in [number, *twins(state, number)]:
                unseen(state, other)
        for item in inside(value):
            if isinstance(item, Session) and sessions:
                forget_session(state, item.id)
            elif isinstance(item, Service):
                held = [*state.services.get(item.id, {}).values()]
                forget(state, [one for one in held if one != value and not isinstance(one, Service)])


def unseen(state: State, number: int) -> None:
    """Know nothing more of an object."""
    held = state.objects[number]
    life = held.life if held.life == "detached" else "unknown"
    kept: dict[str, Slot] = dict.fromkeys(held.slots, UNSURE)
    state.objects[number] = replace(held.current(), base=Unseen(), slots=kept, life=life, tied=True)


def forget_session(state: State, number: int) -> None:
    """Know nothing more of the objects of a session."""
    for other, held in [*state.objects.items()]:
        if held.session == number and held.life != "detached":
            unseen(state, other)
    if number in state.sessions:
        state.sessions[number] = replace(state.sessions[number], begun=True, written=(), expired=frozenset())


def rows_of(value: Value) -> Value | None:
    """Return what iteration over a value gives, if that is the same each time."""
    if isinstance(value, Rows):
        return value.row
    if isinstance(value, Many) and not value.keyed:
        return value.item
    return None
