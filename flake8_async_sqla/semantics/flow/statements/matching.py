"""``match``: which cases are open, what their patterns read, and what they bind."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.deciding import matched
from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
from flake8_async_sqla.semantics.flow.expressions.members import member
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.joining import joined
from flake8_async_sqla.semantics.flow.state.outcomes import Flow, bounded
from flake8_async_sqla.semantics.flow.state.polymorphism import narrowed
from flake8_async_sqla.semantics.flow.state.values import NOTHING, OPAQUE, Items, Known, Nothing, Object, Value
from flake8_async_sqla.semantics.flow.statements.assigning import bind
from flake8_async_sqla.semantics.flow.statements.conditions import split
from flake8_async_sqla.semantics.types import ProjectClass

Ways = tuple["State | None", "State | None"]


def match(frame: Frame, node: ast.Match, state: State) -> Flow:
    """Run a ``match`` statement on one path."""
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    subject = value_of(frame, state, node.subject)
    name = node.subject.id if isinstance(node.subject, ast.Name) else ""
    flow = Flow()
    waiting: State | None = state
    for number, case in enumerate(node.cases):
        if waiting is None or not waiting.alive:
            break
        entered, waiting = _matched(frame, waiting, subject, case.pattern, name)
        if entered is None:
            continue
        entered.trail[id(node)] = (number, False)
        starts = [entered]
        if case.guard is not None:
            starts, refused = split(frame, entered, case.guard)
            waiting = waiting or next(iter(refused), None)
        passed = run_block(frame, case.body, starts)
        flow.normal += passed.normal
        flow.leave(passed)
    if waiting is not None:
        waiting.trail[id(node)] = (len(node.cases), False)
        flow.normal.append(waiting)
    flow.normal = bounded(flow.normal)
    return flow


def _matched(frame: Frame, state: State, value: Value, pattern: ast.pattern, name: str = "") -> Ways:
    """Try a pattern.

    Args:
        frame: The function.
        state: What is known before; it is used up.
        value: The subject.
        pattern: The pattern.
        name: The name that holds the subject, if one does.

    Returns:
        The states in which it matches, and in which it does not; None for a way that is not open.
    """
    if name and frame.constants and (known := matched(frame, name, pattern)) is not None:
        return (state, None) if known else (None, state)
    if isinstance(pattern, ast.MatchAs):
        entered, left = _matched(frame, state, value, pattern.pattern, name) if pattern.pattern else (state, None)
        if entered is not None and pattern.name:
            held = entered.names.get(name, value) if name else value
            bind(frame, entered, ast.Name(pattern.name, ast.Store()), held)
        return entered, left
    if isinstance(pattern, ast.MatchSingleton) and pattern.value is None:
        return _presence(state, value, name)[::-1]
    if isinstance(pattern, ast.MatchClass) and isinstance(value, (Object, Nothing)):
        return _of_class(frame, state, value, pattern, name)
    other = state.copy()
    if isinstance(pattern, ast.MatchValue):
        value_of(frame, state, pattern.value)
    parts = pattern.patterns if isinstance(pattern, ast.MatchSequence) else []
    if isinstance(value, Items) and len(parts) == len(value.items) and not value.keyed:
        entered_: State | None = state
        for inner, item in zip(parts, value.items, strict=True):
            entered_ = _matched(frame, entered_, item, inner)[0] if entered_ is not None else None
        return entered_, other
    _capture(frame, state, pattern)
    return state, other


def _capture(frame: Frame, state: State, pattern: ast.pattern) -> None:
    """Bind the names in a pattern to what nobody knows."""
    for part in ast.walk(pattern):
        if captured := part.rest if isinstance(part, ast.MatchMapping) else getattr(part, "name", None):
            bind(frame, state, ast.Name(captured, ast.Store()), OPAQUE)


def _presence(state: State, value: Value, name: str) -> Ways:
    """Ask whether there is an object: the states with one, and without."""
    if isinstance(value, Nothing):
        return None, state
    if isinstance(value, Object) and not value.optional:
        return state, None
    other = state.copy()
    if isinstance(value, Object) and name:
        state.names[name], other.names[name] = replace(value, optional=False), NOTHING
    return state, other


def _of_class(frame: Frame, state: State, value: Object | Nothing, pattern: ast.MatchClass, name: str) -> Ways:
    """Try ``Class(attribute=pattern)``, which reads the attributes of what is an instance."""
    kind = value_of(frame, state, pattern.cls)
    there, missing = _presence(state, value, name)
    if there is None or not isinstance(value, Object):
        return None, missing
    cls = kind.type if isinstance(kind, Known) and isinstance(kind.type, ProjectClass) else None
    if cls is None or pattern.patterns:
        return _unforeseen(frame, there, pattern, missing)
    matching, others = narrowed(there, pattern, value, cls)
    entered = matching[0] if matching else None
    for attribute, part in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
        if entered is not None and entered.alive:
            held = member(frame, entered, pattern.cls, value, attribute)
            entered, refused = _matched(frame, entered, held, part)
            others += [refused] if refused is not None else []
    left = [way for way in (missing, *others) if way is not None]
    return entered, joined(left) if left else None


def _unforeseen(frame: Frame, state: State, pattern: ast.MatchClass, missing: State | None) -> Ways:
    """Try a pattern of which nobody can say what it matches."""
    other = state.copy()
    _capture(frame, state, pattern)
    return state, joined([way for way in (missing, other) if way is not None])
