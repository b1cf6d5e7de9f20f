"""Reading an attribute of an object, and the account that is given of it."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.failure import Failure, Place, Sink
from flake8_async_sqla.semantics.flow.reads.presence import may_be_present, present, queried
from flake8_async_sqla.semantics.flow.reads.showing import may_be_shown
from flake8_async_sqla.semantics.flow.state.again import nested
from flake8_async_sqla.semantics.flow.state.changing import change, found_loaded, replace_object
from flake8_async_sqla.semantics.flow.state.frame import Frame, Run
from flake8_async_sqla.semantics.flow.state.heap import (
    QUERIED,
    REPORTED,
    UNSURE,
    Behind,
    Fetched,
    Loaded,
    ObjectState,
    Reported,
    Slot,
    State,
    Unloaded,
)
from flake8_async_sqla.semantics.flow.state.objects import forget, slot
from flake8_async_sqla.semantics.flow.state.slots import (
    QUERYABLE,
    has_expired,
    is_unsure,
    left_out,
    may_be_empty,
    maybe_expired,
    slot_of,
)
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, PLAIN, Dynamic, Many, Object, Plain, Value
from flake8_async_sqla.semantics.flow.unit_of_work.linking import tie
from flake8_async_sqla.semantics.flow.unit_of_work.reaching import reach_through
from flake8_async_sqla.semantics.flow.unit_of_work.reloading import reloaded
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import may_be_same, related
from flake8_async_sqla.semantics.flow.unit_of_work.staleness import stale_read
from flake8_async_sqla.semantics.mapping.direction import foreign_keys
from flake8_async_sqla.semantics.mapping.model import Attribute

_LOADED = ("column", "relationship", "column_property")


def read(
    frame: Frame, state: State, node: ast.expr, number: int, name: str, *, changes: bool = False,
    sink: Sink | None = None,
) -> Value:  # fmt: skip
    """Read a mapped attribute of an object.

    Args:
        frame: The function that reads.
        state: What is known; it is changed.
        node: The expression that reads.
        number: The object.
        name: The attribute.
        changes: Whether it is read to change the collection.
        sink: Who reads, if it is not the project's own code.
    """
    owner = state.objects[number]
    attribute = owner.mapped.attributes[name]
    if owner.life == "absent":
        return OPAQUE
    if attribute.kind == "relationship" and attribute.lazy in QUERYABLE:
        return Dynamic(number, name)
    if attribute.kind == "association_proxy" and attribute.through:
        return _through(frame, state, node, number, attribute, sink)
    if attribute.kind == "synonym" and attribute.through and attribute.through[0] in owner.mapped.attributes:
        return read(frame, state, node, number, attribute.through[0], sink=sink)
    if attribute.kind not in _LOADED:
        return OPAQUE
    if attribute.primary_key:
        tie(state, [number])
    found = slot(frame.run, state, number, name)
    owner = state.objects[number]
    if isinstance(found, Unloaded) and _certain(frame.run, state, owner, attribute, found):
        frame.read(state, node, name, failure(frame, state, node, owner, attribute, found, changes, sink))
        _recover(state, number, name, found)
        return PLAIN if attribute.kind != "relationship" else OPAQUE
    if not isinstance(found, Reported):
        frame.read(state, node, name, stale_read(frame, node, owner, name))
    value = queried(frame, state, owner, attribute) if found == QUERIED else OPAQUE
    if is_unsure(found) and attribute.kind == "relationship" and value == OPAQUE:
        may_be_shown(state, owner, attribute)
    if is_unsure(found) and name not in owner.slots:
        # What was not loaded would have raised: it stays loaded when the session is gone.
        change(state, number, name, found)
    led = present(frame, state, owner, attribute, found) if isinstance(found, Unloaded) else None
    if led is not None or is_unsure(found):
        by_key = attribute.kind == "relationship" and attribute.many_to_one is not False
        for other, held in [*state.objects.items()]:
            alike = related(held.mapped.cls, owner.mapped.cls) and name in held.mapped.attributes
            here = slot_of(held, name)
            same = held.family == owner.family or may_be_same(state, owner, held)
            found_too = same and (led is not None or by_key)
            # What is unsure of a new object is unsure still when it is detached.
            if alike and (is_unsure(here) or (isinstance(here, Unloaded) and found_too)):
                state.objects[other] = held.having(name, UNSURE)
    value = value if led is None else led
    if value != OPAQUE:
        state.objects[number] = state.objects[number].having(name, Loaded(value))
    if led is not None or value != OPAQUE:
        return value
    if attribute.primary_key and owner.key is not None and _single_key(owner):
        return Plain(owner.key)
    if isinstance(found, Loaded):
        return found.value
    return PLAIN if attribute.kind != "relationship" else OPAQUE


def _single_key(owner: ObjectState) -> bool:
    return sum(attribute.primary_key for attribute in owner.mapped.attributes.values()) == 1


def awaited(frame: Frame, state: State, node: ast.expr, holder: Value, name: str) -> Value:
    """Read an attribute through ``awaitable_attrs``, which loads it if the object has a session."""
    owner = state.objects[holder.id] if isinstance(holder, Object) else None
    attribute = owner.mapped.attributes.get(name) if owner is not None else None
    if not isinstance(holder, Object) or owner is None or attribute is None or attribute.kind not in _LOADED:
        forget(state, [holder])
        return OPAQUE
    found = slot_of(owner, name)
    if isinstance(found, Unloaded):
        by_key = attribute.lazy == "raise_on_sql" and attribute.many_to_one is not False and owner.life != "detached"
        by_key = by_key and found.kind == "raising"
        if by_key and (cls := attribute.target) is not None and may_be_present(state, owner, attribute):
            targets = [number for number, held in state.objects.items() if related(held.mapped.cls, cls)]
            forget(state, [holder, *(Object(number) for number in targets)])
            return OPAQUE
        if found.kind == "raising" or owner.life == "detached":
            return read(frame, state, node, holder.id, name)
        read_again(state, holder.id)
        for other in _loaded_too(owner) if found.kind == "deferred" else ():
            change(state, holder.id, other, UNSURE)
        relationship = attribute.kind == "relationship"
        empty = relationship and may_be_empty(owner, attribute)
        plan = nested(owner, name)
        now = UNSURE if empty else Behind(plan) if relationship else Loaded(PLAIN)
        change(state, holder.id, name, now)
        if relationship:
            reach_through(state, owner, name, plan)
    elif is_unsure(found):
        if _may_be_expired(owner):
            reloaded(state, holder.id, owner)  # if this was expired too, the options of the query applied anew
        change(state, holder.id, name, UNSURE)  # if it was not loaded, it is now, and stays so without a session
    else:
        found_loaded(state, holder.id, name)
    loaded = slot(frame.run, state, holder.id, name)
    return loaded.value if isinstance(loaded, Loaded) else OPAQUE


def _may_be_expired(owner: ObjectState) -> bool:
    """Tell whether a load of one more attribute may load all again: others are expired, or were never loaded."""
    slots = (slot_of(owner, name) for name in owner.mapped.attributes)
    return any(isinstance(held, Unloaded) and held.kind in ("expired", "new") for held in slots)


def _loaded_too(owner: ObjectState) -> list[str]:
    """List what a load of one deferred column brings in: a ``refresh()`` expires those that options left out."""
    base = owner.base
    if not isinstance(base, Fetched) or base.cause is None or base.cause.what != "refresh()":
        return []
    slots = {name: slot_of(owner, name) for name in owner.mapped.attributes}
    return [
        name
        for name, held in slots.items()
        if isinstance(held, Unloaded) and held.kind == "deferred" and left_out(owner.mapped.attributes[name], held)
    ]


def _through(frame: Frame, state: State, node: ast.expr, number: int, attribute: Attribute, sink: Sink | None) -> Value:
    """Read an association proxy: its relationship, then the attribute of each object behind it."""
    if attribute.through[0] not in state.objects[number].mapped.attributes:
        return OPAQUE
    held = read(frame, state, node, number, attribute.through[0], sink=sink)
    behind = held.item if isinstance(held, Many) else held
    name = attribute.through[-1]
    if isinstance(behind, Object) and len(attribute.through) > 1 and name in state.objects[behind.id].mapped.attributes:
        value = read(frame, state, node, behind.id, name, sink=sink)
        return Many(value) if isinstance(held, Many) else value
    return OPAQUE


def _certain(run: Run, state: State, owner: ObjectState, attribute: Attribute, found: Unloaded) -> bool:
    """Tell whether the read of an unloaded attribute must emit SQL."""
    if owner.life == "detached":
        return True
    if owner.life not in ("persistent", "flushed", "gone"):
        return False
    if attribute.kind != "relationship" or attribute.many_to_one is False:
        return True
    if found.kind == "raising" and attribute.lazy != "raise_on_sql":
        return True
    if _keys_unloaded(owner, attribute):
        return True
    if found.keyless or (owner.mapped.cls, attribute.name) in run.emptied:
        return False
    return not may_be_present(state, owner, attribute, unexpired=found.kind != "raising") and not (
        found.kind == "expired" and may_be_empty(owner, attribute)
    )


def _keys_unloaded(owner: ObjectState, attribute: Attribute) -> bool:
    """Tell whether no foreign key is loaded, so that even a target that the session holds cannot be found."""
    known = foreign_keys(owner.mapped, attribute) if attribute.many_to_one else []
    keys = known or [item for item in owner.mapped.attributes.values() if item.foreign_key]
    return bool(keys) and all(isinstance(slot_of(owner, item.name), Unloaded) for item in keys)


def failure(
    frame: Frame, state: State, node: ast.expr, owner: ObjectState, attribute: Attribute, found: Unloaded,
    changes: bool, sink: Sink | None,
) -> Failure:  # fmt: skip
    """Describe a read that fails."""
    kind, cause = found.kind, found.cause
    detached = owner.life == "detached" and kind != "raising"
    if detached:
        kind, cause = "detached", owner.detached
    elif changes and kind == "relationship":
        kind = "change"
    session = state.sessions.get(owner.session) if owner.session is not None else None
    at = frame.calls[0].node if frame.calls else node
    assert isinstance(at, ast.expr)
    chain = (*frame.calls[1:], Place(frame.module, node, f".{attribute.name}")) if frame.calls else ()
    return Failure(
        kind=kind, at=at, cls=owner.mapped.cls, attribute=attribute.name, path=(*owner.path, attribute.name),
        cause=cause, query=owner.query, chain=chain, sink=sink, session=session.origin if session is not None else None,
        collection=bool(attribute.uselist), missing=found.kind if detached else None,
        source=found.cause if detached else None,
    )  # fmt: skip


def _recover(state: State, number: int, name: str, found: Unloaded) -> None:
    """Go on as if the attribute had been loaded: one cause, one finding."""
    owner = state.objects[number]
    if found.kind == "expired" or owner.mapped.attributes[name].kind != "relationship":
        read_again(state, number, REPORTED)
    change(state, number, name, REPORTED)


def keys_read(state: State, number: int, attribute: Attribute) -> None:
    """Reckon with a ``refresh()`` of a relationship: an expired foreign key loads all columns, a primary key itself."""
    if attribute.many_to_one is not False:
        read_again(state, number)
    owner = state.objects[number]
    for name in [name for name, other in owner.mapped.attributes.items() if other.primary_key]:
        if isinstance(slot_of(owner, name), Unloaded):
            change(state, number, name, UNSURE)


def read_again(state: State, number: int, columns: Slot = UNSURE) -> None:
    """Reckon with a SELECT for something that is expired: it loads all columns, with the options of the query.

    Args:
        state: What is known; it is changed.
        number: The object.
        columns: What its expired columns are then.
    """
    owner = state.objects[number]
    if has_expired(owner):
        replace_object(state, number, _one_finding(owner, columns), reported=columns == REPORTED)
        reloaded(state, number, owner)


def _one_finding(owner: ObjectState, columns: Slot) -> ObjectState:
    kept = maybe_expired(owner)
    slots = dict(kept.slots)
    for name, attribute in owner.mapped.attributes.items():
        slot_now = slot_of(owner, name)
        if attribute.kind != "relationship" and isinstance(slot_now, Unloaded) and slot_now.kind == "expired":
            slots[name] = columns
    return replace(kept, slots=slots)
