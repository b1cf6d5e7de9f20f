"""What an attribute of an object is, as far as the way in which the object came to be says it."""

from __future__ import annotations

from dataclasses import replace

from flake8_async_sqla.semantics.flow.failure import Kind, Place
from flake8_async_sqla.semantics.flow.state.heap import (
    STALE,
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
    Unloaded,
    Unsure,
)
from flake8_async_sqla.semantics.flow.state.values import NOTHING, PLAIN, Items, Object, Plain
from flake8_async_sqla.semantics.loading.plan import Plan
from flake8_async_sqla.semantics.mapping.direction import foreign_keys
from flake8_async_sqla.semantics.mapping.model import Attribute

RAISING = ("raise", "raise_on_sql")
EAGER = ("selectin", "joined", "subquery", "immediate")
_DEFAULT = Plan()
QUERYABLE = ("dynamic", "write_only")


def slot_of(state: ObjectState, name: str) -> Slot:
    """Say what an attribute of an object is."""
    if (known := state.slots.get(name)) is not None:
        return known
    attribute = state.mapped.attributes.get(name)
    return UNSURE if attribute is None else _by_base(state, attribute, state.base)


def is_unsure(slot: Slot) -> bool:
    """Tell whether nobody can say if an attribute is loaded."""
    return isinstance(slot, Unsure) and not slot.stale


def _by_base(state: ObjectState, attribute: Attribute, base: Base) -> Slot:
    if attribute.kind not in ("column", "relationship", "column_property"):
        return UNSURE
    if isinstance(base, Fetched):
        return _planned(state, attribute, base)
    if isinstance(base, Fresh):
        return _empty(attribute) if base.flushed is None else _flushed(state, attribute, base.flushed)
    if isinstance(base, Expired):
        return _expired(attribute, _by_base(state, attribute, base.before), base.cause)
    if isinstance(base, MaybeExpired):
        return _perhaps_expired(attribute, _by_base(state, attribute, base.before))
    return UNSURE


def _empty(attribute: Attribute) -> Slot:
    if attribute.kind == "relationship":
        return Loaded(NOTHING if attribute.uselist is False else Items(()))
    return Loaded(PLAIN)


def _planned(state: ObjectState, attribute: Attribute, base: Fetched) -> Slot:
    plan, name = base.plan, attribute.name
    slot = (_relationship if attribute.kind == "relationship" else _column)(state, attribute, base)
    unseen = isinstance(slot, Unloaded) and not plan.certain and name not in plan.raising
    return UNSURE if unseen or (isinstance(slot, Behind) and may_be_empty(state, attribute)) else slot


def _relationship(state: ObjectState, attribute: Attribute, base: Fetched) -> Slot:
    plan, name, lazy = base.plan, attribute.name, attribute.lazy
    if name in plan.raising:
        return Unloaded("raising", base.cause)
    if name in plan.relationships:
        return Behind(plan.relationships[name])
    if name in plan.unloaded or "*" in plan.unloaded:
        return Unloaded("relationship", base.cause)
    if lazy == "noload":
        return _empty(attribute)
    nowhere = state.alone and attribute.many_to_one is not False
    if "*" in plan.raising or lazy in RAISING:
        return Unloaded("raising", base.cause, keyless=nowhere and lazy == "raise_on_sql" and "*" not in plan.raising)
    if lazy in EAGER:
        if _leads_back(state, attribute, base.cause):
            return Unloaded("relationship", base.cause)
        return Behind(plan.behind.get(name) or _DEFAULT)
    return Unloaded("relationship", base.cause, keyless=nowhere) if lazy == "select" else UNSURE


def _leads_back(state: ObjectState, attribute: Attribute, cause: Place | None) -> bool:
    """Tell whether a relationship that is loaded by itself stops, for its class is on the way already."""
    if attribute.join_depth or attribute.lazy == "immediate" or state.classes[-1:] != (state.mapped.cls,):
        return False
    if attribute.lazy != "joined" and state.rows == 0 and cause is not None and cause.what == "refresh()":
        return False  # what comes in the rows of a refresh loads the rest one by one
    return attribute.target in (state.classes[state.rows :] if attribute.lazy == "joined" else state.classes)


def _column(state: ObjectState, attribute: Attribute, base: Fetched) -> Slot:
    plan, name = base.plan, attribute.name
    if name in plan.raising:
        return Unloaded("raising", base.cause)
    if name in plan.undeferred or "*" in plan.undeferred or attribute.primary_key:
        return Loaded(PLAIN)
    if plan.columns is not None:
        return Loaded(PLAIN) if name in plan.columns else Unloaded("deferred", base.cause)
    if name in plan.deferred or "*" in plan.deferred:
        return Unloaded("deferred", base.cause)  # an option takes the place of what the mapping says
    if attribute.deferred:
        return Unloaded("raising" if attribute.raiseload else "deferred", base.cause)
    return Loaded(PLAIN)


def _flushed(state: ObjectState, attribute: Attribute, cause: Place) -> Slot:
    if attribute.kind == "relationship":
        if attribute.lazy == "raise":
            return Unloaded("raising", cause)
        if attribute.lazy not in ("select", "raise_on_sql", *EAGER):
            return UNSURE
        kind: Kind = "raising" if attribute.lazy == "raise_on_sql" else "new"
        return Unloaded(kind, cause) if state.life == "detached" or _needs_query(state, attribute) else UNSURE
    if attribute.kind == "column_property":
        return Unloaded("server", cause)
    if attribute.deferred:
        return Unloaded("raising" if attribute.raiseload else "deferred", cause)
    if attribute.server_default and state.mapped.eager_defaults is False:
        return Unloaded("server", cause)
    return Loaded(PLAIN)


def _needs_query(state: ObjectState, attribute: Attribute) -> bool:
    """Tell whether a relationship that was never set is not simply None for want of a foreign key."""
    if attribute.uselist or attribute.many_to_one is False:
        return True
    keys = foreign_keys(state.mapped, attribute)
    given = state.slots.get(keys[0].name) if len(keys) == 1 else None
    value = given.value if isinstance(given, Loaded) else NOTHING
    return isinstance(value, Plain) and not value.optional


def may_be_empty(state: ObjectState, attribute: Attribute) -> bool:
    """Tell whether a relationship may lead nowhere, for the constructor made the object and nobody saw it set."""
    if not state.made:
        return False
    if attribute.uselist is not False or attribute.many_to_one is False:
        return True
    known = state.slots.get(attribute.name)
    given = isinstance(known, Loaded) and isinstance(known.value, Object) and not known.value.optional
    return not given and not _needs_query(state, attribute)


def expired(state: ObjectState, cause: Place) -> ObjectState:
    """Expire everything that is loaded."""
    attributes = state.mapped.attributes
    slots: dict[str, Slot] = {name: _expired(attributes[name], slot, cause) for name, slot in state.slots.items()}
    base = state.base if isinstance(state.base, Expired) else Expired(state.base, cause)
    return replace(state.current(), base=base, slots=slots)


def _expired(attribute: Attribute, slot: Slot, cause: Place) -> Slot:
    return slot if isinstance(slot, Unloaded) and not left_out(attribute, slot) else Unloaded("expired", cause)


def left_out(attribute: Attribute, slot: Unloaded) -> bool:
    """Tell whether an option of the query left an attribute out: to expire it drops the option."""
    if attribute.kind == "relationship":
        return slot.kind == "raising" and attribute.lazy not in RAISING
    return slot.kind in ("deferred", "raising") and not attribute.deferred


def _perhaps_expired(attribute: Attribute, slot: Slot) -> Slot:
    if isinstance(slot, (Loaded, Behind)):
        return STALE
    if isinstance(slot, Unloaded) and left_out(attribute, slot):
        return Unloaded("relationship", slot.cause) if attribute.kind == "relationship" else UNSURE
    return slot if isinstance(slot, (Unloaded, Unsure)) else UNSURE


def maybe_expired(state: ObjectState) -> ObjectState:
    """Forget what is loaded; what is not loaded is not loaded still."""
    attributes = state.mapped.attributes
    slots: dict[str, Slot] = {name: _perhaps_expired(attributes[name], slot) for name, slot in state.slots.items()}
    base = state.base if isinstance(state.base, (Expired, MaybeExpired)) else MaybeExpired(state.base)
    return replace(state.current(), base=base, slots=slots)


def has_expired(state: ObjectState) -> bool:
    """Tell whether a column that the mapping loads is expired."""
    return any(
        attribute.kind == "column" and isinstance(slot := slot_of(state, name), Unloaded) and slot.kind == "expired"
        for name, attribute in state.mapped.attributes.items()
    )


def perhaps_current(held: ObjectState, *, columns_only: bool = False) -> ObjectState:
    """Reckon with a query or flush that may load what is expired."""
    for name, attribute in held.mapped.attributes.items():
        slot = slot_of(held, name)
        left = columns_only and attribute.kind == "relationship"
        if not left and isinstance(slot, Unloaded) and slot.kind == "expired":
            held = held.having(name, UNSURE)
    return held


def unexpired(held: ObjectState) -> ObjectState:
    """Return an object as it was when it was loaded first."""
    base = held.base
    while isinstance(base, (Expired, MaybeExpired)):
        base = base.before
    return replace(held, base=base, slots={})
