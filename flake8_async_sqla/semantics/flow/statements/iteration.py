"""Iterating over values."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.failure import Failure, Place
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import rows_of, taken
from flake8_async_sqla.semantics.flow.state.values import (
    OPAQUE,
    PLAIN,
    Dynamic,
    Items,
    Loader,
    Many,
    Object,
    Plain,
    Rows,
    Value,
    merged,
)


def iterated(frame: Frame, state: State, node: ast.expr, value: Value, *, one: bool = False) -> Value:
    """Return what one turn of an iteration over a value gives, as an item of its own.

    Args:
        frame: The function.
        state: What is known; it is changed.
        node: The expression that gives the value.
        value: The value.
        one: Whether there is perhaps no other turn.
    """
    from flake8_async_sqla.semantics.flow.calling.generators import used_up
    from flake8_async_sqla.semantics.flow.expressions.members import special
    from flake8_async_sqla.semantics.flow.queries import results

    value = used_up(frame, state, node, value)
    if isinstance(value, Dynamic):
        queried(frame, state, node, value)
        return OPAQUE
    if isinstance(value, Rows):
        results.repeated(frame, state, node, value)
    if isinstance(value, Items) and any(isinstance(item, Loader) for item in value.items):
        return OPAQUE  # not every option has a turn of its own
    if isinstance(value, Items) and value.items and not value.keyed:
        turn = frame.turns[-1] if frame.turns else 1
        return value.items[min(turn, len(value.items)) - 1]
    if isinstance(value, Object):
        value = special(frame, state, node, value, "__iter__")
    item = alike(value)
    return taken(frame.run, state, item, one=one) if item is not None else OPAQUE


def alike(value: Value) -> Value | None:
    """Return what stands for each item of an iterable."""
    item = rows_of(value)
    if item is not None:
        return item
    if isinstance(value, Items) and value.items and not value.keyed:
        result = value.items[0]
        for other in value.items[1:]:
            result = merged(result, other)
        return result
    if isinstance(value, Plain) or (isinstance(value, (Many, Items)) and value.keyed):
        return PLAIN
    return None


def queried(frame: Frame, state: State, node: ast.expr, value: Dynamic) -> None:
    """Take account of a dynamic collection that is read: it flushes and queries; of a detached object, it is empty."""
    owner = state.objects[value.owner]
    attribute = owner.mapped.attributes[value.attribute]
    session = state.sessions.get(owner.session) if owner.session is not None else None
    flushes = session is not None and session.autoflush is True and "no_autoflush" not in frame.module.text
    if attribute.lazy != "dynamic" or not (
        owner.life in ("persistent", "flushed") or (owner.life == "pending" and flushes)
    ):
        return
    at = frame.calls[0].node if frame.calls else node
    assert isinstance(at, ast.expr)
    failure = Failure(
        kind="dynamic", at=at, cls=owner.mapped.cls, attribute=attribute.name,
        path=(*owner.path, attribute.name), cause=Place(attribute.module, attribute.node, ""),
        query=owner.query, chain=(*frame.calls[1:], Place(frame.module, node, "")) if frame.calls else (),
        session=session.origin if session is not None else None, collection=True,
    )  # fmt: skip
    frame.read(state, node, attribute.name, failure)
