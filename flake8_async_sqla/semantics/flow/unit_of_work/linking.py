"""Relationships that are set: what becomes of their other sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.changing import change
from flake8_async_sqla.semantics.flow.state.heap import UNSURE, Loaded, ObjectState, Slot, State, Unloaded
from flake8_async_sqla.semantics.flow.state.objects import objects_in
from flake8_async_sqla.semantics.flow.state.slots import has_expired, perhaps_current, slot_of
from flake8_async_sqla.semantics.flow.state.values import NOTHING, OPAQUE, Items, Nothing, Object, Value, inside
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import note_behind
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.flow.unit_of_work.sessions import LIVE
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.types import ProjectClass


def unlinked(state: State, number: int, name: str) -> None:
    """Reckon with the other side of what a relationship led to before: where that is one object, it is set to None."""
    owner = state.objects[number]
    attribute = owner.mapped.attributes[name]
    before = owner.slots.get(name)
    if not attribute.back or attribute.target is None or before in (Loaded(NOTHING), Loaded(Items(()))):
        return
    if owner.session is not None:
        note_behind(state, owner.session, frozenset({(attribute.target, attribute.back)}))
    for other, held in [*state.objects.items()]:
        back = held.mapped.attributes.get(attribute.back) if related(held.mapped.cls, attribute.target) else None
        slot = slot_of(held, back.name) if back is not None and held.session == owner.session else UNSURE
        if back is None or (isinstance(slot, Unloaded) and back.uselist is not False):
            continue
        if isinstance(slot, Unloaded) or (isinstance(slot, Loaded) and Object(number) in inside(slot.value)):
            state.objects[other] = held.having(back.name, UNSURE)


def linked(state: State, number: int, name: str, value: Value) -> None:
    """Set the other side of a relationship, as SQLAlchemy does."""
    owner = state.objects[number]
    attribute, made = owner.mapped.attributes[name], owner.life in ("new", "pending")
    others = objects_in(state, value)
    note_link(state, owner, attribute)
    tie(state, [number, *others] if value not in (NOTHING, Items(())) else [])
    for other in others:
        held = state.objects[other]
        if attribute.many_to_one and held.life in ("new", "pending"):
            state.objects[number] = replace(state.objects[number], dirty=True)
        if attribute.many_to_one is False and owner.life in LIVE and held.life in LIVE and has_expired(held):
            held = state.objects[other] = perhaps_current(held)
        back = held.mapped.attributes.get(attribute.back) if attribute.back else None
        if back is None:
            continue
        if back.uselist is False:
            state.objects[other] = replace(held, dirty=True if made and back.many_to_one is True else held.dirty)
            change(state, other, back.name, Loaded(Object(number)))
        elif held.life in ("new", "pending") or back.uselist is None:
            state.objects[other] = held.having(back.name, _grown(slot_of(held, back.name), number))


def note_link(state: State, owner: ObjectState, attribute: Attribute) -> None:
    """Note that the next flush may copy keys between objects of two classes."""
    if owner.session is not None and (held := state.sessions.get(owner.session)) is not None:
        classes = {owner.mapped.cls, *filter(None, [attribute.target])}
        state.sessions[owner.session] = replace(held, linked=held.linked | classes)


def parted(cls: ProjectClass, attribute: Attribute, value: Value) -> Iterator[tuple[ProjectClass, str]]:
    """Yield the relationships to one object, by class and name, that may be None of some after one is set.

    Args:
        cls: The class of the object whose relationship is set.
        attribute: The relationship.
        value: What it is set to.
    """
    target = mapped_class(attribute.target) if attribute.target is not None else None
    back = target.attributes.get(attribute.back) if target is not None and attribute.back else None
    if target is not None and back is not None and attribute.many_to_one is False:
        yield target.cls, back.name
    if isinstance(value, Nothing) or (attribute.many_to_one and back is not None and back.uselist is False):
        yield cls, attribute.name


def _grown(collection: Slot, number: int) -> Slot:
    """Append an object to what is known of the collection of a new one."""
    value = collection.value if isinstance(collection, Loaded) else OPAQUE
    return Loaded(Items((*value.items, Object(number)))) if isinstance(value, Items) and not value.keyed else UNSURE


def tie(state: State, numbers: Iterable[int]) -> None:
    """Note that relationships may lead to objects, or from them."""
    for number in [*numbers]:
        if state.objects[number].alone:
            state.objects[number] = replace(state.objects[number], tied=True)
