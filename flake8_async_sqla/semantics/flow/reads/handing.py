"""Handing objects to somebody out of sight, who reads them: a response model, a schema, a template."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flake8_async_sqla.semantics.flow.expressions.members import member
from flake8_async_sqla.semantics.flow.failure import Sink
from flake8_async_sqla.semantics.flow.reads.out_of_sight import out_of_sight
from flake8_async_sqla.semantics.flow.reads.reading import read
from flake8_async_sqla.semantics.flow.reads.reads import OutOfSight, Reads
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import taken
from flake8_async_sqla.semantics.flow.state.outcomes import Flow
from flake8_async_sqla.semantics.flow.state.values import Items, Many, Object, Value
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.schemas.validators import hidden_fields
from flake8_async_sqla.semantics.types import ProjectClass

if TYPE_CHECKING:
    from flake8_async_sqla.semantics.flow.calling.calls import Arguments

_VALIDATORS = frozenset({"from_orm", "model_validate"})
Notes = Mapping[ast.expr, "list[OutOfSight]"]


def hand_over(frame: Frame, state: State, arguments: Arguments) -> None:
    """Let what is called read the objects it is given.

    Args:
        frame: The caller.
        state: What is known; it is changed.
        arguments: What the call is given.
    """
    for note in _notes(frame).get(arguments.node, ()) if state.objects else ():
        value = _given(frame, state, note.value, arguments)
        if value is not None:
            _read(frame, state, note.at, value, note.reads, note.sink, ())


def only_validates(frame: Frame, call: ast.Call) -> bool:
    """Tell whether a call makes a schema of an object, and does nothing to the object but read what is known."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _VALIDATORS:
        return False
    if not any(note.sink.kind == "schema" for note in _notes(frame).get(call, ())):
        return False
    cls = frame.module.type_of(func.value)
    parts = [part for part in lineage(cls) if isinstance(part, ProjectClass)] if isinstance(cls, ProjectClass) else []
    return bool(parts) and all(hidden_fields(part) == frozenset() for part in parts)


def respond(frame: Frame, flow: Flow) -> None:
    """Let the framework read what a function returns, after all blocks around the ``return`` have ended."""
    for state, value, statement in flow.returned:
        if statement is None or statement.value is None or not state.objects:
            continue
        for note in _notes(frame).get(statement.value, ()):
            if note.sink.kind == "response model":
                _read(frame, state, note.at, value, note.reads, note.sink, ())


def _notes(frame: Frame) -> Notes:
    def collect() -> Notes:
        found: dict[ast.expr, list[OutOfSight]] = {}
        if not isinstance(frame.node, ast.Lambda):
            for note in out_of_sight(frame.module, frame.node):
                found.setdefault(note.at, []).append(note)
        return found

    return frame.module.cached(("out of sight", frame.node), collect)


def _given(frame: Frame, state: State, node: ast.expr, arguments: Arguments) -> Value | None:
    """Find the value of an expression among the arguments of a call, or in a dictionary that is one of them."""
    call = arguments.node
    pairs: list[tuple[ast.expr, Value]] = []
    if not any(isinstance(item, ast.Starred) for item in call.args):
        pairs = list(zip(call.args, arguments.values, strict=True))
    pairs += [(item.value, arguments.keywords[item.arg]) for item in call.keywords if item.arg is not None]
    for given, value in pairs:
        if given is node:
            return value
    name = _key(frame, node)
    for _, value in pairs:
        if name and isinstance(value, Items) and value.keyed and name in value.names:
            return value.items[value.names.index(name)]
    return state.names.get(node.id) if isinstance(node, ast.Name) else None


def _key(frame: Frame, node: ast.expr) -> str:
    """Return the key of an item of a dictionary that is written down."""
    parent = frame.module.parent(node)
    key = parent.keys[parent.values.index(node)] if isinstance(parent, ast.Dict) and node in parent.values else None
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _read(
    frame: Frame, state: State, node: ast.expr, value: Value, reads: Reads, sink: Sink, path: tuple[str, ...]
) -> None:  # fmt: skip
    """Read attributes of an object, or of each object in a collection; of a dictionary, its items."""
    if isinstance(value, Many):
        _read(frame, state, node, taken(frame.run, state, value.item), reads, sink, path)
    elif isinstance(value, Items) and not value.names:
        for number, item in enumerate(value.items):
            _read(frame, state, node, item, reads, sink, (*path, str(number)))
    elif isinstance(value, (Items, Object)):
        for name, below in reads.attributes.items():
            frame.run.step()
            if isinstance(value, Object):
                found = _attribute(frame, state, node, value, name, sink, path)
            elif name in value.names:
                found = value.items[value.names.index(name)]
            else:
                continue
            if below.attributes and state.alive:
                _read(frame, state, node, found, below, sink, (*path, name))


def _attribute(
    frame: Frame, state: State, node: ast.expr, value: Object, name: str, sink: Sink, path: tuple[str, ...]
) -> Value:  # fmt: skip
    """Read an attribute; each way to it keeps an account of its own."""
    apart = replace(frame, turns=(*frame.turns, frame.run.number_of((node, path))))
    attribute = state.objects[value.id].mapped.attributes.get(name)
    if attribute is None or attribute.kind in ("plain", "hybrid"):
        return member(frame, state, node, value, name)
    return read(apart, state, node, value.id, name, sink=sink)
