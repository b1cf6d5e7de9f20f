"""Objects of which a condition tells the subclass."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.heap import (
    UNSURE,
    Behind,
    Fetched,
    Fresh,
    ObjectState,
    Slot,
    State,
    Unloaded,
)
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.state.values import Object
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.types import ProjectClass


def narrowed(state: State, test: ast.AST, subject: Object, cls: ProjectClass) -> tuple[list[State], list[State]]:
    """Go both ways after ``isinstance(subject, cls)``."""
    held = state.objects[subject.id]
    if cls == held.mapped.cls or cls in lineage(held.mapped.cls):
        return [state], []
    other = state.copy()
    mapped = mapped_class(cls)
    if mapped is None or held.mapped.cls not in lineage(cls):
        if mapped is not None:
            return [], [state]
    else:
        slots: dict[str, Slot] = dict(held.slots)
        for name in mapped.attributes:
            if name in held.mapped.attributes:
                slots[name] = slot_of(held, name)
        fresh = replace(held, mapped=mapped, slots=slots)
        base = held.base
        if isinstance(base, Fetched) and not held.mapped.loads_subclasses and cls not in base.plan.subclasses:
            certain = base.plan.certain and not mapped.loads_subclasses and not mapped.polymorphic_load
            certain = certain and base.again is None  # a refresh knows the class of what it loads
            certain = certain and not _may_be_known(state, held, cls)
            for name, attribute in mapped.attributes.items():
                if name not in held.mapped.attributes and attribute.kind == "column" and certain:
                    slots[name] = Unloaded("polymorphic", base.cause)
        elif not isinstance(base, (Fetched, Fresh)):
            slots = {name: slot for name, slot in slots.items() if not isinstance(slot, Behind)}
            if _may_be_known(state, held, cls):
                slots |= dict.fromkeys(mapped.attributes.keys() - held.mapped.attributes.keys(), UNSURE)
            fresh = replace(fresh, slots=slots)
        state.objects[subject.id] = fresh
    state.trail[id(test)] = (True, False)
    other.trail[id(test)] = (False, False)
    return [state], [other]


def _may_be_known(state: State, held: ObjectState, cls: ProjectClass) -> bool:
    """Tell whether the session may hold the object from a query for the subclass, with what that has loaded."""
    session = state.sessions.get(held.session) if held.session is not None else None
    current = [item.cls for item in session.present if item.cls not in session.expired] if session is not None else []
    for old in state.objects.values():
        if old.session == held.session and old.life == held.life == "detached":
            current += old.classes
    return any(item == cls or cls in lineage(item) for item in current)
