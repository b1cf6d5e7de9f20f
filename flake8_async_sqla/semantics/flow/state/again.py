"""What an object is after it was loaded again: the options of its query apply anew."""

from __future__ import annotations

from dataclasses import replace

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.heap import (
    REPORTED,
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
)
from flake8_async_sqla.semantics.flow.state.slots import EAGER, is_unsure, left_out, slot_of
from flake8_async_sqla.semantics.flow.state.values import NOTHING, PLAIN, Plain
from flake8_async_sqla.semantics.loading.plan import Plan
from flake8_async_sqla.semantics.mapping.direction import foreign_keys
from flake8_async_sqla.semantics.mapping.model import Attribute

UNCERTAIN = Plan(certain=False)
_DEFAULT = Plan()


def refreshed(state: ObjectState, cause: Place) -> ObjectState:
    """Load everything anew, as the query did that the object comes from: what came otherwise is not loaded any more."""
    again = applied_again(state.base)
    known = replace(state.current(), base=Fetched(again or UNCERTAIN, cause), slots={})
    slots: dict[str, Slot] = {}
    lazily = Unloaded("relationship", cause)
    made, by_key = isinstance(state.base, Fresh), _needs_key_left_out(known)
    for name, attribute in state.mapped.attributes.items():
        before, after = slot_of(state, name), slot_of(known, name)
        if attribute.kind != "relationship" and isinstance(after, Unloaded) and left_out(attribute, after):
            # It may be loaded again, whether or not its read raised.
            slots[name] = UNSURE if by_key or is_unsure(before) else Unloaded("deferred", cause)
        elif attribute.kind != "relationship" and not attribute.deferred and not isinstance(after, Unloaded):
            slots[name] = Loaded(_value_again(state, attribute))
        elif after in (lazily, replace(lazily, keyless=True)) and _leads_nowhere(state, attribute, before):
            slots[name] = replace(lazily, keyless=True)
        elif isinstance(after, Unloaded) and (before == REPORTED or _never_set(before)):
            slots[name] = before
        elif isinstance(after, Unloaded) and is_unsure(before) and made and attribute.many_to_one is not False:
            slots[name] = UNSURE
    classes = state.classes if len(state.classes) == 1 else ()
    return replace(known, base=Fetched(again or UNCERTAIN, cause, again), slots=slots, classes=classes, since=0)


def _value_again(state: ObjectState, attribute: Attribute) -> Plain:
    """Say of a column that is loaded again what its value is: a foreign key that nobody saw set may be NULL."""
    given = state.slots.get(attribute.name)
    nowhere = not isinstance(given, Loaded) or given.value != PLAIN
    return Plain(optional=True) if state.made and attribute.foreign_key and nowhere else PLAIN


def _needs_key_left_out(known: ObjectState) -> bool:
    """Tell whether a relationship is loaded by a foreign key that options leave out: all that is expired comes then."""
    eager = [item for name, item in known.mapped.attributes.items() if isinstance(slot_of(known, name), Behind)]
    keys = (key for item in eager if item.many_to_one is not False for key in foreign_keys(known.mapped, item))
    return any(isinstance(slot_of(known, key.name), Unloaded) for key in keys)


def _leads_nowhere(state: ObjectState, attribute: Attribute, before: Slot) -> bool:
    """Tell whether a many-to-one has no foreign key: it is None without a query."""
    return attribute.many_to_one is not False and (before == Loaded(NOTHING) or state.alone)


def _never_set(slot: Slot) -> bool:
    return isinstance(slot, Unloaded) and slot.kind == "new"


def applied_again(base: Base) -> Plan | None:
    """Return what a query said of an object, as SQLAlchemy remembers it: no wildcards. None if that cannot be seen."""
    while isinstance(base, (Expired, MaybeExpired)):
        base = base.before
    if isinstance(base, Fetched):
        return _without_wildcards(base.again or base.plan)
    return base.again or _DEFAULT if isinstance(base, Fresh) else None


def _without_wildcards(plan: Plan) -> Plan:
    everything = frozenset("*")
    return replace(
        plan,
        relationships={name: _without_wildcards(behind) for name, behind in plan.relationships.items()},
        raising=plan.raising - everything,
        unloaded=plan.unloaded - everything,
        deferred=plan.deferred - everything,
    )


def nested(held: ObjectState, name: str) -> Plan:
    """Say what the options of the object's query load behind a relationship that is loaded later: they apply again."""
    again = applied_again(held.base)
    plan = (again.relationships.get(name) or again.behind.get(name)) if again is not None else None
    return nothing_left_out(plan) if plan is not None else Plan()


def nothing_left_out(plan: Plan) -> Plan:
    """Return what options load, without what they leave out."""
    return replace(plan, raising=frozenset(), deferred=frozenset(), unloaded=frozenset(), columns=None)


def columns_loaded(state: ObjectState, cause: Place | None) -> ObjectState:
    """Load the columns that queries load; relationships stay as they are."""
    slots: dict[str, Slot] = {}
    for name, attribute in state.mapped.attributes.items():
        if attribute.kind == "relationship":
            known = slot_of(state, name)
            slots[name] = Behind(_DEFAULT) if isinstance(known, Unloaded) and attribute.lazy in EAGER else known
        elif isinstance(slot := state.slots.get(name), Loaded) and attribute.deferred:
            slots[name] = slot
    plan = Plan() if isinstance(state.base, (Fresh, Fetched, Expired, MaybeExpired)) else UNCERTAIN
    return replace(state.current(), base=Fetched(plan, cause, applied_again(state.base)), slots=slots)
