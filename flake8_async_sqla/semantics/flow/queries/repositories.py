"""Repositories of Advanced Alchemy: what their methods query."""

from __future__ import annotations

from typing import Literal

from flake8_async_sqla.facts.repositories import is_coroutine
from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.queries.loaders import options_in
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.keys import key_of
from flake8_async_sqla.semantics.flow.state.objects import forget, identified
from flake8_async_sqla.semantics.flow.state.values import (
    NOTHING,
    OPAQUE,
    PLAIN,
    Items,
    Loader,
    Many,
    Object,
    Service,
    Session,
    Value,
)
from flake8_async_sqla.semantics.flow.unit_of_work import sessions
from flake8_async_sqla.semantics.flow.unit_of_work.populating import loaded
from flake8_async_sqla.semantics.inference.classes import class_attribute, lineage
from flake8_async_sqla.semantics.loading import composed
from flake8_async_sqla.semantics.loading.plan import Entity, Plan
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.types import ProjectClass

_ONE = frozenset({"get", "get_one", "get_one_or_none"})
_SEVERAL = frozenset({"list", "list_and_count"})
_OTHERWISE = frozenset({"auto_expunge", "execution_options", "statement"})


def model_of(cls: ProjectClass) -> MappedClass | None:
    """Return what a repository class queries; None if it is no repository, or if that cannot be seen."""
    if not any(isinstance(base, str) and is_coroutine(base, "get_one") for base in lineage(cls)):
        return None
    model = class_attribute(cls, "model_type")
    return mapped_class(model) if isinstance(model, ProjectClass) else None


def reads(cls: ProjectClass, name: str) -> bool:
    """Tell whether a method of a class is one with which a repository queries objects."""
    return name in _ONE | _SEVERAL and model_of(cls) is not None


def method(frame: Frame, state: State, receiver: Service, name: str, arguments: Arguments) -> Value:
    """Call such a method.

    Args:
        frame: The function that calls it.
        state: What is known; it is changed.
        receiver: The repository.
        name: The method.
        arguments: What it is given.
    """
    mapped, session = model_of(receiver.cls), state.services[receiver.id].get("session")
    usual = arguments.awaited and not arguments.spread and not _OTHERWISE & arguments.keywords.keys()
    if mapped is None or not isinstance(session, Session) or not usual:
        forget(state, [*arguments.all(), receiver])
        return OPAQUE
    cause = frame.place(arguments.node, f"{receiver.cls.node.name}.{name}()")
    sessions.query(state, session.id, cause)
    key = key_of(frame, state, frame.module, arguments.node_of("item_id", 0)) if name == "get" else None
    count: Literal["one", "some"] = "one" if name in _ONE else "some"
    found = loaded(
        frame.run, state, mapped, _plan(frame, mapped, arguments), session.id, cause, None, count=count, key=key
    )
    if name in _ONE:
        identified(state, found)
        return Object(found.id, name == "get_one_or_none")
    return Many(found) if name == "list" else Items((Many(found), PLAIN))


def _plan(frame: Frame, mapped: MappedClass, arguments: Arguments) -> Plan:
    options = arguments.keywords.get("load", NOTHING)
    seen = options == NOTHING or isinstance(options, Loader)
    if not seen and not (isinstance(options, Items) and all(isinstance(item, Loader) for item in options.items)):
        return Plan(certain=False)
    query = composed(frame.module, arguments.node, mapped.cls, tuple(options_in(options, frame.module)))
    column = query.columns[0]
    assert isinstance(column, Entity)
    return column.plan
