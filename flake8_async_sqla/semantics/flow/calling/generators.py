"""Loops over generators of the project: the body of the loop runs where the generator yields."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable

from flake8_async_sqla.semantics.flow.calling import postponing
from flake8_async_sqla.semantics.flow.calling.calls import evaluated
from flake8_async_sqla.semantics.flow.calling.invoking import bound
from flake8_async_sqla.semantics.flow.calling.managers import CALLER, within, yields_once
from flake8_async_sqla.semantics.flow.state.frame import MAX_DEPTH, MAX_LINES, Exhausted, Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import forget
from flake8_async_sqla.semantics.flow.state.outcomes import Flow, bounded
from flake8_async_sqla.semantics.flow.state.values import (
    NOTHING,
    OPAQUE,
    PLAIN,
    Deferred,
    Items,
    Many,
    Routine,
    Suspended,
    Value,
    merged,
)
from flake8_async_sqla.semantics.inference.functions import is_generator, manager_kind, own_nodes, transparent
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


def is_lazy(routine: Routine) -> bool:
    """Tell whether a function is a generator whose body can be followed where it is used up."""
    module, node = routine.module, routine.node
    if not isinstance(node, ast.FunctionDef) or not is_generator(module, node) or not transparent(module, node):
        return False
    yields = own_nodes(module, node, ast.Yield, ast.YieldFrom)
    plain = manager_kind(module, node) is None and all(isinstance(module.parent(item), ast.Expr) for item in yields)
    return plain and (node.end_lineno or 0) - node.lineno <= MAX_LINES


def used_up(frame: Frame, state: State, node: ast.expr, value: Value) -> Value:
    """Run the body of a generator that was made before, for all that it yields; give anything else back.

    Args:
        frame: The function that uses it up.
        state: What is known; it is changed.
        node: What to report as the call.
        value: What is used up.
    """
    from flake8_async_sqla.semantics.flow.expressions.expressions import meet
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    if not isinstance(value, Deferred):
        return value
    if isinstance(value.node, ast.GeneratorExp):
        return postponing.run(frame, state, node, value, value.node)
    routine, given = value.routine, [*value.values]
    names = bound(routine, given, dict(value.keywords)) if len(frame.calls) < MAX_DEPTH else None
    if names is None or any(place.node is node for place in frame.calls) or isinstance(routine.node, ast.Lambda):
        forget(state, [value])
        return OPAQUE
    items: list[Value] = []

    def resume(inner: State, item: Value) -> Flow:
        items.append(item)
        return Flow(normal=[inner])

    outer, assumed, trail = state.names, state.assumed, state.trail
    state.names, state.assumed = names, {}
    flow = run_block(within(frame, node, routine, resume), routine.node.body, [state.copy()])
    meet(frame, state, [(end, NOTHING) for end in [*flow.normal, *(end for end, _, _ in flow.returned)]])
    rest = {name: Items(()) if held == value else held for name, held in outer.items()}
    state.names, state.assumed, state.trail = rest, assumed, trail
    return Many(functools.reduce(merged, items)) if items else Items(())


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
