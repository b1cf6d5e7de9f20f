"""Objects behind relationships that a query loads: they are in the session, and refreshed if expired."""

from __future__ import annotations

from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.following import behind, comes_alone
from flake8_async_sqla.semantics.flow.state.heap import (
    Behind,
    Fetched,
    ObjectState,
    State,
    Unloaded,
)
from flake8_async_sqla.semantics.flow.state.slots import (
    slot_of,
)
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import (
    LESS,
    appear,
    known_before,
    may_load_again,
)
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import subclasses
from flake8_async_sqla.semantics.loading.plan import Plan
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import MappedClass

MAX_BEHIND = 4


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
