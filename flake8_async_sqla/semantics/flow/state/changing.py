"""Changes of objects in the heap, and of those that may be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.heap import (
    REPORTED,
    UNSURE,
    Loaded,
    ObjectState,
    Slot,
    State,
    Unloaded,
)
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import may_be_same, others_beside, related


def change(state: State, number: int, name: str, new: Slot) -> None:
    """Change an attribute of an object; of others that may be the same object, nothing is sure any more."""
    for other in [*twins(state, number), *(() if new == REPORTED else alike(state, number))]:
        if name not in state.objects[other].mapped.attributes:
            continue
        before = slot_of(state.objects[other], name)
        state.objects[other] = state.objects[other].without_stale(name)
        if not (isinstance(before, type(new)) and isinstance(new, (Loaded, Unloaded))):
            state.objects[other] = state.objects[other].having(name, UNSURE)
    state.objects[number] = state.objects[number].without_stale(name).having(name, new)
    if new != REPORTED:
        _differs(state, number)


def twins(state: State, number: int) -> Iterator[int]:
    """Yield the other objects that may be the same as one."""
    held = state.objects[number]
    for other, found in [*state.objects.items()]:
        alone = held.count == "one" and found.count == "all" and found.base == held.base and held.life == found.life
        if other != number and found.family == held.family and not alone:
            yield other


def alike(state: State, number: int) -> Iterator[int]:
    """Yield the objects of which nobody can say that they are others than one, though they came another way."""
    held = state.objects[number]
    for other, found in [*state.objects.items()]:
        if found.family != held.family and may_be_same(state, held, found):
            yield other


def replace_object(state: State, number: int, new: ObjectState, *, reported: bool = False) -> None:
    """Change an object as a whole; others that may be the same object lose what is not loaded.

    Args:
        state: What is known; it is changed.
        number: The object.
        new: What is known of it now.
        reported: Whether that is so only for the sake of what follows a read that fails.
    """
    for other in [*twins(state, number), *(() if reported else alike(state, number))]:
        held = state.objects[other]
        for name in held.mapped.attributes:
            mine, theirs = slot_of(new, name), slot_of(held, name)
            if isinstance(theirs, Unloaded) is not isinstance(mine, Unloaded):
                held = held.having(name, UNSURE)
        state.objects[other] = replace(held, stale=None)
    state.objects[number] = new
    if not reported:
        _differs(state, number)


def _differs(state: State, number: int) -> None:
    """Note of what stands for all objects of a class that one of them is not like the others any more."""
    held = state.objects[number]
    for other, found in [*state.objects.items()]:
        if others_beside(found, held) and found.session == held.session and related(found.mapped.cls, held.mapped.cls):
            state.objects[other] = replace(found, beside=True)


def found_loaded(state: State, number: int, name: str) -> None:
    """Note that an attribute of an object is loaded: of others that may be the same, it may be, too."""
    for other in twins(state, number):
        if isinstance(slot_of(state.objects[other], name), Unloaded):
            state.objects[other] = state.objects[other].having(name, UNSURE)
