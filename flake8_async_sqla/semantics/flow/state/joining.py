"""Where paths meet: what all of them know."""

from __future__ import annotations

from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.heap import (
    QUERIED,
    UNSURE,
    Behind,
    Fresh,
    Loaded,
    ObjectState,
    Reported,
    Slot,
    State,
    Unloaded,
    Unseen,
)
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, merged


def joined(states: list[State]) -> State:
    """Merge states to one that knows what all of them know; dead ones do not count."""
    living = [state for state in states if state.alive]
    if not living:
        return states[0]
    result = living[0].copy()
    for other in living[1:]:
        _join(result, other)
    return result


def _join(state: State, other: State) -> None:
    for name in [*state.names]:
        state.names[name] = merged(state.names[name], other.names.get(name, OPAQUE))
    for number, found in other.objects.items():
        mine = state.objects.get(number)
        state.objects[number] = found if mine is None else joined_objects(mine, found)
    for key, session in other.sessions.items():
        own = state.sessions.get(key, session)
        if own != session:
            present = tuple(dict.fromkeys([*own.present, *session.present]))
            begun = own.begun if own.begun == session.begun else None
            behind, again = own.behind | session.behind, own.again | session.again
            repeated = own.repeated | session.repeated
            written = own.written if own.written == session.written else ()
            own = replace(own, begun=begun, present=present, behind=behind, again=again, written=written)
            linked = own.linked | session.linked
            own = replace(own, expired=own.expired & session.expired, repeated=repeated, linked=linked)
        state.sessions[key] = own
    for key, held in other.services.items():
        mine_held = state.services.setdefault(key, dict(held))
        for name in [*mine_held]:
            mine_held[name] = merged(mine_held[name], held.get(name, OPAQUE))
    state.assumed = {text: truth for text, truth in state.assumed.items() if other.assumed.get(text) == truth}
    state.trail = {node: taken for node, taken in state.trail.items() if other.trail.get(node) == taken}


def joined_objects(left: ObjectState, right: ObjectState) -> ObjectState:
    """Merge what is known of an object on two paths, or of two objects."""
    if left == right or right.life == "absent":
        return left
    if left.life == "absent":
        return right
    inserted = {left.life, right.life} == {"pending", "flushed"}  # the next flush makes them alike
    fresh = inserted and left.slots == right.slots and isinstance(left.base, Fresh) and isinstance(right.base, Fresh)
    slots: dict[str, Slot] = {**left.slots} if fresh else {}
    for name in left.mapped.attributes if not fresh else ():
        one, other = slot_of(left, name), slot_of(right, name)
        if isinstance(one, Reported) or isinstance(other, Reported):
            slots[name] = other if isinstance(one, Reported) else one
        elif isinstance(one, Unloaded) and isinstance(other, Unloaded):
            slots[name] = other if other.keyless else one
        elif isinstance(one, Behind) and one == other:
            slots[name] = one
        elif isinstance(one, Loaded) and isinstance(other, Loaded):
            slots[name] = Loaded(merged(one.value, other.value))
        else:
            queried = all(slot == QUERIED or isinstance(slot, (Unloaded, Behind)) for slot in (one, other))
            slots[name] = QUERIED if queried else UNSURE
    return replace(
        left,
        base=Fresh() if fresh else left.base if left.base == right.base or inserted else Unseen(),
        slots=slots,
        life="pending" if inserted else left.life if left.life == right.life else "unknown",
        made=left.made if left.made == right.made else 0,
        count=left.count if left.count == right.count else "some",
        detached=left.detached if left.detached is right.detached else None,
        dirty=left.dirty if left.dirty is right.dirty else None,
        key=left.key if left.key == right.key else None,
        tied=left.tied or right.tied,
        changed=left.changed & right.changed,
        updated=left.updated and right.updated,
        stale=left.stale if left.stale == right.stale else None,
    )
