"""Loops over generators of the project: the body of the loop runs where the generator yields."""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_async_sqla.semantics.flow.calling.calls import evaluated
from flake8_async_sqla.semantics.flow.calling.invoking import bound
from flake8_async_sqla.semantics.flow.calling.managers import CALLER, within, yields_once
from flake8_async_sqla.semantics.flow.state.frame import Exhausted, Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.outcomes import Flow, bounded
from flake8_async_sqla.semantics.flow.state.values import NOTHING, PLAIN, Routine, Suspended, Value
from flake8_async_sqla.semantics.inference.functions import is_generator, transparent
from flake8_async_sqla.semantics.types import FunctionNode

_TURNED = "<turned>"
Turn = Callable[[State, Value, int], Flow]


def through(frame: Frame, state: State, node: ast.expr, turn: Turn) -> Flow | None:
    """Run a loop inside the generator function that it goes through; None if it goes through anything else.

    Args:
        frame: The function that holds the loop.
        state: What is known; it is used up.
        node: What the loop goes through.
        turn: Runs the body of the loop, given what the generator yields and the number of the turn.
    """
    if not isinstance(node, ast.Call) or not (made := _generator(frame, node)):
        return None
    routine, given, keywords = evaluated(frame, state, node)
    if not isinstance(routine, Routine) or routine.node is not made:
        return None
    names = bound(routine, [routine.receiver, *given] if routine.receiver is not None else given, keywords)
    if names is None:
        return None
    left = Flow()

    def resume(inner: State, value: Value) -> Flow:
        own = inner.names
        inner.names, inner.assumed = dict(_names(inner)), {}
        passed = turn(inner, value, 2 if _TURNED in own else 1)
        ends = [*passed.normal, *passed.continued]
        for end in ends:
            end.names, end.assumed = {**own, CALLER: _held(end), _TURNED: PLAIN}, {}
        passed.normal, passed.continued = [], []
        left.leave(passed)
        return Flow(normal=ends)

    return _run(frame, state, node, routine, names, resume, left)


def _generator(frame: Frame, call: ast.Call) -> FunctionNode | None:
    """Return the generator function that is called, if it can be followed."""
    from flake8_async_sqla.semantics.inference.infer import called_function

    found = called_function(frame.module, call)
    if found is None or not is_generator(found.module, found.node) or not transparent(found.module, found.node):
        return None
    return found.node if yields_once(frame, call, found) else None


def _run(
    frame: Frame, state: State, node: ast.Call, routine: Routine, names: dict[str, Value],
    resume: Callable[[State, Value], Flow], left: Flow,
) -> Flow:  # fmt: skip
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    assert isinstance(routine.node, (ast.FunctionDef, ast.AsyncFunctionDef))
    state.names, state.assumed = {**names, CALLER: _held(state)}, {}
    flow = run_block(within(frame, node, routine, resume), routine.node.body, [state])
    ends = [*flow.normal, *(end for end, _, _ in flow.returned)]
    for end in (*ends, *flow.raised):
        end.names = dict(_names(end))
    left.normal = bounded(ends)
    left.raised = bounded([*left.raised, *flow.raised])
    return left


def _held(state: State) -> Suspended:
    return Suspended(tuple(state.names.items()), "normal", NOTHING, None)


def _names(state: State) -> tuple[tuple[str, Value], ...]:
    """Return the names of the function that holds the loop."""
    held = state.names.get(CALLER)
    if not isinstance(held, Suspended):
        raise Exhausted
    return held.names
