"""Objects behind loaded relationships of others."""

from __future__ import annotations

from flake8_async_sqla.semantics.flow.state.again import UNCERTAIN, applied_again
from flake8_async_sqla.semantics.flow.state.heap import UNSURE, Behind, Fetched, ObjectState
from flake8_async_sqla.semantics.flow.state.slots import EAGER
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import Attribute


def behind(owner: ObjectState, attribute: Attribute, found: Behind) -> ObjectState:
    """Return an object behind a relationship of another one that is loaded as the owner's query says.

    Args:
        owner: The other object.
        attribute: The relationship; its target is mapped.
        found: What is said of it.
    """
    target = mapped_class(attribute.target) if attribute.target is not None else None
    assert target is not None
    plan, base = found.plan, owner.base
    cause = base.cause if isinstance(base, Fetched) else None
    by_itself = attribute.name in owner.slots
    known = owner.classes[-1:] == (owner.mapped.cls,) and (not by_itself or comes_alone(owner, attribute))
    by_option = isinstance(base, Fetched) and attribute.name in base.plan.relationships
    joined = plan.joined if by_option else attribute.lazy == "joined"
    if owner.rows and (plan.subquery if by_option else attribute.lazy == "subquery"):
        known = False  # a subquery forgets the way to the query that it starts from
    back = target.attributes.get(attribute.back) if attribute.back else None
    lazily = back is not None and "*" in plan.raising and _led_back_lazily(attribute, back)
    return ObjectState(
        target,
        Fetched(plan, cause),
        slots={attribute.back: UNSURE} if lazily else {},
        session=owner.session,
        path=(*owner.path, attribute.name),
        classes=(*owner.classes, target.cls) if known else (),
        rows=owner.rows if joined and not by_itself else len(owner.classes),
        count="one" if owner.count == "one" and attribute.uselist is False else "some",
        since=owner.since if known and not by_itself else 0,
        query=owner.query,
    )


def _led_back_lazily(attribute: Attribute, back: Attribute) -> bool:
    """Tell whether a load one by one (``immediateload``) drops how the other side is loaded: it finds the parent."""
    return attribute.many_to_one is False and back.many_to_one is True and back.lazy in EAGER


def comes_alone(owner: ObjectState, attribute: Attribute) -> bool:
    """Tell whether a SELECT for a relationship alone loads it later: it starts where its owner's query did."""
    again = applied_again(owner.base) or UNCERTAIN
    plain = again.certain and attribute.name not in again.relationships
    return plain and attribute.lazy == "select" and not owner.mapped.discriminator and not owner.mapped.parent
