"""What objects that nobody has looked at read of themselves when they are shown."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.state.heap import UNSURE, ObjectState, State, Unloaded
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.unit_of_work.identity_map import note_behind
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.inference.classes import class_attribute
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import Attribute, MappedClass
from flake8_async_sqla.semantics.types import Function

_TEXTS = ("__repr__", "__str__", "__format__")


def may_be_shown(state: State, owner: ObjectState, attribute: Attribute) -> None:
    """Reckon with an object that a relationship may lead to: its text may load what needs no SQL.

    Args:
        state: What is known; it is changed.
        owner: The object whose relationship it is.
        attribute: The relationship.
    """
    target = mapped_class(attribute.target) if attribute.target is not None else None
    if target is not None and owner.life != "detached":
        others_shown(state, owner.session, target)


def others_shown(state: State, session: int | None, target: MappedClass) -> None:
    """Reckon with any objects of a class that turn into text.

    Args:
        state: What is known; it is changed.
        session: Their session.
        target: The class.
    """
    if session is None or session not in state.sessions:
        return
    names = target.cls.module.cached(("shown", target.cls.node), lambda: _shown(target))
    note_behind(state, session, frozenset((target.cls, name) for name in names))
    for number, held in [*state.objects.items()] if names else ():
        for name in names if related(held.mapped.cls, target.cls) and held.life != "detached" else ():
            if name in held.mapped.attributes and isinstance(slot_of(state.objects[number], name), Unloaded):
                state.objects[number] = state.objects[number].having(name, UNSURE)


def _shown(mapped: MappedClass) -> frozenset[str]:
    """List the many-to-ones that the text of an object reads."""
    texts = [found.node for name in _TEXTS if isinstance(found := class_attribute(mapped.cls, name), Function)]
    read = {item.attr for text in texts for item in ast.walk(text) if isinstance(item, ast.Attribute)}
    return frozenset(
        name
        for name, attribute in mapped.attributes.items()
        if attribute.kind == "relationship" and attribute.many_to_one is not False
        if name in read or (mapped.dataclass and not texts)
    )
