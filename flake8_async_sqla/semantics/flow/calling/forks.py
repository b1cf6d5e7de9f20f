"""Helpers that do one thing or another, as an argument says: their callers go on each way by itself."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import Plain, Value

MAX_WAYS = 3
Ways = list[tuple[State, Value]]


def evaluated(frame: Frame, state: State, node: ast.expr) -> Ways:
    """Evaluate an expression; where it awaits a helper, on each way through that.

    Args:
        frame: The function.
        state: What is known; it is used up.
        node: The expression.
    """
    from flake8_async_sqla.semantics.flow.expressions.expressions import typed, value_of

    if not isinstance(node, ast.Await) or not isinstance(node.value, ast.Call):
        return [(state, value_of(frame, state, node))]
    run = frame.run
    outer, run.asked, run.ways = run.asked, node.value, []
    try:
        value = value_of(frame, state, node)
    finally:
        ways, run.asked, run.ways = run.ways, outer, []
    if not state.alive or not ways:
        return [(state, value)]
    return [(way, typed(frame, way, node, given)) for way, given in ways]


def ways_apart(frame: Frame, names: Mapping[str, Value], trail: Mapping[int, object], ends: Ways) -> Ways:
    """Return the ways through a function, if the caller can tell what decides between them; else nothing.

    Args:
        frame: The function.
        names: What its parameters hold.
        trail: The branches taken before it.
        ends: Where it ends, and what it returns.
    """
    ends = [(end.copy(), value) for end, value in ends if end.alive]
    if not 1 < len(ends) <= MAX_WAYS:
        return []
    nodes = {id(node): node for node in ast.walk(frame.node) if isinstance(node, ast.expr)}
    for end, _ in ends:
        for key, (_, soft) in end.trail.items():
            if key not in trail and (key not in nodes or not (soft or _decided(nodes[key], names))):
                return []
    return ends


def _decided(test: ast.expr, names: Mapping[str, Value]) -> bool:
    """Tell whether nothing but parameters of the function under analysis decide a condition."""
    parts = list(ast.walk(test))
    used = [part.id for part in parts if isinstance(part, ast.Name)]
    plain = all(isinstance(part, (ast.Name, ast.UnaryOp, ast.Not, ast.Load)) for part in parts)
    return plain and all(name in names and is_told(names[name]) for name in used)


def is_told(value: Value) -> bool:
    """Tell whether a value is a parameter of the function under analysis."""
    return isinstance(value, Plain) and isinstance(value.key, str) and value.key.isidentifier()
