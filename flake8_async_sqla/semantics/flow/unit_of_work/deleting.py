"""Deleted objects: what was loaded is there still when they are gone, and nothing else can be loaded."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.changing import twins
from flake8_async_sqla.semantics.flow.state.heap import UNSURE, State, Unloaded
from flake8_async_sqla.semantics.flow.state.objects import unseen
from flake8_async_sqla.semantics.flow.state.session import SessionState
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.mapping.model import Attribute


def delete(state: State, number: int) -> None:
    """Mark an object for deletion, which loads its collections and what is expired."""
    for other in twins(state, number):
        unseen(state, other)
    held = state.objects[number]
    if held.life != "persistent":
        unseen(state, number)
        held = state.objects[number]
    for name, attribute in held.mapped.attributes.items():
        slot = slot_of(held, name)
        if isinstance(slot, Unloaded) and (slot.kind == "expired" or _is_loaded(attribute)):
            held = held.having(name, UNSURE)
    state.objects[number] = replace(held, life="deleted")


def _is_loaded(attribute: Attribute) -> bool:
    """Tell whether to delete an object may load a relationship: the cascade and the foreign keys of others need it."""
    keywords = (part.arg for part in ast.walk(attribute.node) if isinstance(part, ast.keyword))
    return attribute.kind == "relationship" and (attribute.many_to_one is not True or "cascade" in keywords)


def commit_deleted(state: State, number: int, session: SessionState, place: Place) -> None:
    """Reckon with a commit: the object leaves its session if that expires its objects, and is no part of it else."""
    held = state.objects[number]
    for name, attribute in held.mapped.attributes.items():
        if isinstance(slot_of(held, name), Unloaded) and _found(attribute, session):
            held = held.having(name, UNSURE)
    if session.expires is None:
        unseen(state, number)
    elif session.expires:
        state.objects[number] = replace(held, life="detached", detached=place)
    else:
        state.objects[number] = replace(held, life="gone")


def _found(attribute: Attribute, session: SessionState) -> bool:
    """Tell whether the flush may have found what a many-to-one leads to without a query."""
    cls = attribute.target
    return cls is not None and any(related(item.cls, cls) for item in session.present)


def lose(state: State, session: int) -> None:
    """Reckon with the end of a session: nobody knows whether deleted objects can still find it."""
    for number, held in [*state.objects.items()]:
        if held.session == session and held.life == "gone":
            unseen(state, number)
