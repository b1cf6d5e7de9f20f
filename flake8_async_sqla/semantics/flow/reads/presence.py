"""What a relationship gives that nobody knows to be loaded: what the session holds, or what queries loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import Expired, Fetched, ObjectState, State, Unloaded
from flake8_async_sqla.semantics.flow.state.objects import led_to
from flake8_async_sqla.semantics.flow.state.session import Presence
from flake8_async_sqla.semantics.flow.state.slots import may_be_empty
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, Object, Value
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import enter, known_before
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.loading.plan import Plan
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import Attribute, MappedClass

MAX_HOPS = 2


def may_be_present(state: State, owner: ObjectState, attribute: Attribute, *, unexpired: bool = False) -> bool:
    """Tell whether the session may hold what a many-to-one leads to: no SQL is needed then, unless it is expired."""
    if owner.session is None or attribute.target is None:
        return True
    for item in state.sessions[owner.session].present:
        others = item.several or (item.cls != owner.mapped.cls and owner.count != "all")
        ready = not unexpired or not _all_expired(state, owner.session, item)
        if ready and others and related(item.cls, attribute.target) and not _made_since(state, owner, item):
            return True
    return False


def _all_expired(state: State, session: int, present: Presence) -> bool:
    """Tell whether all objects of a class that a session holds are expired, and nothing of them is loaded since."""
    return present.cls in state.sessions[session].expired and all(
        isinstance(found.base, Expired) and all(isinstance(slot, Unloaded) for slot in found.slots.values())
        for found in state.objects.values()
        if related(found.mapped.cls, present.cls) and found.life not in ("new", "absent", "detached")
    )


def _made_since(state: State, owner: ObjectState, present: Presence) -> bool:
    """Tell whether all objects of a class were made when another one was loaded already, and none refers to it."""
    from flake8_async_sqla.semantics.flow.unit_of_work.sessions import leads_to

    if present.since > 0 and not any(
        held.tied for held in state.objects.values() if held.made and related(held.mapped.cls, present.cls)
    ):
        return True
    if not 0 < owner.since < present.since or any(owner.mapped.attributes[name].foreign_key for name in owner.slots):
        return False
    others = [held for held in state.objects.values() if held.session == owner.session]
    return not any(leads_to(held, owner) for held in others if related(held.mapped.cls, present.cls))


def present(frame: Frame, state: State, owner: ObjectState, attribute: Attribute, found: Unloaded) -> Value:
    """Return what a many-to-one gives that needs no SQL: an object that the session holds, of which all may be it."""
    target = mapped_class(attribute.target) if attribute.target is not None else None
    if target is None or owner.life not in ("persistent", "flushed") or attribute.kind != "relationship":
        return OPAQUE
    if found.keyless or not may_be_present(state, owner, attribute):
        return OPAQUE  # it may be None: there is no foreign key
    child = _bare(owner, attribute, target)
    return Object(enter(frame.run, state, known_before(state, child, alone=True)), True)


def queried(frame: Frame, state: State, owner: ObjectState, attribute: Attribute) -> Value:
    """Return what a relationship leads to that a query loaded, or else its read has failed."""
    target = mapped_class(attribute.target) if attribute.target is not None else None
    if target is None or owner.life not in ("persistent", "flushed", "detached") or len(owner.path) >= MAX_HOPS:
        return OPAQUE
    if may_be_empty(owner, attribute):
        return OPAQUE
    count: Literal["one", "some"] = "one" if owner.count == "one" and attribute.uselist is False else "some"
    return led_to(frame.run, state, owner, attribute, replace(_bare(owner, attribute, target), count=count))


def _bare(owner: ObjectState, attribute: Attribute, target: MappedClass) -> ObjectState:
    """Return what a relationship leads to, of which only what the session holds can tell what is loaded."""
    bare = Fetched(Plan(unloaded=frozenset("*")), owner.base.cause if isinstance(owner.base, Fetched) else None)
    return ObjectState(target, bare, session=owner.session, query=owner.query, path=(*owner.path, attribute.name))
