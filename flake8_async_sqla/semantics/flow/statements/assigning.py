"""Assignment: to names, to attributes of objects, to items."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.reads.reading import read
from flake8_async_sqla.semantics.flow.state.changing import change
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import REPORTED, UNSURE, Loaded, State, Unloaded
from flake8_async_sqla.semantics.flow.state.objects import forget, taken
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.state.values import (
    OPAQUE,
    PLAIN,
    Clause,
    Items,
    Many,
    Nothing,
    Object,
    Opaque,
    Plain,
    Routine,
    Service,
    Value,
    merged,
)
from flake8_async_sqla.semantics.flow.unit_of_work.linking import linked, parted, tie, unlinked
from flake8_async_sqla.semantics.flow.unit_of_work.sessions import LIVE, begin, cascade
from flake8_async_sqla.semantics.mapping.validating import validators


def assign(frame: Frame, state: State, target: ast.expr, value: Value) -> None:
    """Assign a value to a target; the expressions in the target are evaluated."""
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    if isinstance(target, (ast.Name, ast.Tuple, ast.List, ast.Starred)):
        bind(frame, state, target, value)
    elif isinstance(target, ast.Attribute):
        set_attribute(frame, state, target, value_of(frame, state, target.value), target.attr, value)
    elif isinstance(target, ast.Subscript):
        holder = value_of(frame, state, target.value)
        value_of(frame, state, target.slice)
        _put(state, target.value, holder, value)


def bind(frame: Frame, state: State, target: ast.expr, value: Value) -> None:
    """Bind names."""
    if isinstance(target, ast.Name):
        state.names[target.id] = value
        _rebound(state, target.id)
    elif isinstance(target, ast.Starred):
        bind(frame, state, target.value, OPAQUE)
    elif isinstance(target, (ast.Tuple, ast.List)):
        starred = any(isinstance(part, ast.Starred) for part in target.elts)
        if isinstance(value, Items) and not starred and len(value.items) == len(target.elts):
            parts = [*value.items]
        elif isinstance(value, Many) and not value.keyed:
            parts = [taken(frame.run, state, value.item) for _ in target.elts]
        else:
            parts = [PLAIN if isinstance(value, Plain) else OPAQUE for _ in target.elts]
        for part, held in zip(target.elts, parts, strict=True):
            bind(frame, state, part, held)
    else:
        assign(frame, state, target, value)


def _rebound(state: State, name: str) -> None:
    """Drop the conditions that a new value may change."""
    from flake8_async_sqla.semantics.flow.statements.conditions import names_in

    for text in [text for text in state.assumed if name in names_in(text)]:
        del state.assumed[text]


def set_attribute(frame: Frame, state: State, node: ast.expr, holder: Value, name: str, value: Value) -> None:
    """Set an attribute."""
    from flake8_async_sqla.semantics.flow.calling.invoking import invoke

    _rebound(state, name)
    if isinstance(holder, Service):
        state.services.setdefault(holder.id, {})[name] = value
        return
    if not isinstance(holder, Object):
        forget(state, [value] if isinstance(holder, Many) else [])
        return
    owner = state.objects[holder.id]
    attribute = owner.mapped.attributes.get(name)
    if attribute is None or attribute.kind not in ("column", "relationship"):
        _set_unseen(state, holder.id)
        return
    if owner.life != "new" and (own := validators(owner.mapped.cls).get(name)) is not None:
        value = invoke(frame, state, node, Routine(own.module, own.node, holder), [PLAIN, value], {})
        owner = state.objects[holder.id]
    if owner.session is not None and owner.life in LIVE:
        begin(state, owner.session)
        if attribute.foreign_key or attribute.many_to_one:
            frame.run.moved.add(owner.mapped.cls)
        elif attribute.target is not None:
            frame.run.moved.add(attribute.target)
    if attribute.kind == "column":
        known = isinstance(value, (Clause, Nothing, Opaque)) or value == Plain(optional=True)
        change(state, holder.id, name, Loaded(value if known else PLAIN))
        if attribute.foreign_key:
            tie(state, state.objects)
        if owner.life != "new":
            now = state.objects[holder.id]
            state.objects[holder.id] = replace(now, dirty=True, changed=now.changed | {name})
        return
    if attribute.uselist and isinstance(slot_of(owner, name), Unloaded):
        read(frame, state, node, holder.id, name, changes=True)
    elif attribute.uselist and slot_of(owner, name) != REPORTED:
        frame.read(state, node, name, None)
    frame.run.emptied.update(parted(owner.mapped.cls, attribute, value))
    same = slot_of(owner, name) == Loaded(value)
    unlinked(state, holder.id, name)
    change(state, holder.id, name, Loaded(value))
    linked(state, holder.id, name, value)
    if not same:  # as the other side of a relationship that was set, it does not cascade
        cascade(state, holder.id, value)


def _set_unseen(state: State, number: int) -> None:
    """A setter of the class's own may set anything that is not loaded yet."""
    held = state.objects[number]
    for name, attribute in held.mapped.attributes.items():
        if isinstance(slot_of(held, name), Unloaded) and not attribute.uselist:
            change(state, number, name, UNSURE)
    state.objects[number] = replace(state.objects[number], dirty=True)


def set_by_name(state: State, number: int) -> None:
    """Set attributes whose names cannot be seen: ``setattr(obj, name, value)``."""
    _set_unseen(state, number)


def _put(state: State, target: ast.expr, holder: Value, value: Value) -> None:
    """Put a value into a container that a name holds."""
    if not isinstance(target, ast.Name) or not isinstance(holder, (Many, Items)):
        forget(state, [value])
        return
    if isinstance(holder, Many):
        state.names[target.id] = Many(merged(holder.item, value), holder.keyed)
    elif not holder.items:
        state.names[target.id] = Many(value, keyed=True)
    else:
        state.names[target.id] = OPAQUE
        forget(state, [value])
