"""Generator expressions that are kept: only the first iterable is evaluated where they stand."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.frame import MAX_DEPTH, Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import forget
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, Deferred, Items, Routine, Value


def kept(frame: Frame, state: State, node: ast.GeneratorExp) -> Deferred:
    """Return what a generator expression is until somebody uses it up."""
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    start = value_of(frame, state, node.generators[0].iter)
    around = Routine(frame.module, frame.node, closure=tuple(state.names.items()))
    return Deferred(node, around, (start,), (), frame.run.number())


def run(frame: Frame, state: State, at: ast.expr, value: Deferred, node: ast.GeneratorExp) -> Value:
    """Go through a generator expression that was kept.

    Args:
        frame: The function that uses it up.
        state: What is known; it is changed.
        at: What to report as the call, if another function has made it.
        value: The generator expression, as `kept` gave it.
        node: Its node.
    """
    from flake8_async_sqla.semantics.flow.statements.comprehensions import evaluated

    routine = value.routine
    outer = {name: Items(()) if held == value else held for name, held in state.names.items()}
    state.names = outer
    if routine.node is frame.node:
        return evaluated(frame, state, node, value.values[0])
    if len(frame.calls) >= MAX_DEPTH or any(place.node is at for place in frame.calls):
        forget(state, [value])
        return OPAQUE
    calls = (*frame.calls, Place(frame.module, at, "()"))
    inner = replace(frame, module=routine.module, node=routine.node, around=frame.around, calls=calls, turns=())
    assumed, trail = state.assumed, state.trail
    state.names, state.assumed = dict(routine.closure), {}
    found = evaluated(inner, state, node, value.values[0])
    state.names, state.assumed, state.trail = outer, assumed, trail
    return found
