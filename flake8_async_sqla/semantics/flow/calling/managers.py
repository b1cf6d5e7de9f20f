"""Context managers that the project makes with ``@asynccontextmanager``: their bodies run around the block."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.calls import evaluated
from flake8_async_sqla.semantics.flow.calling.invoking import bound
from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.frame import MAX_DEPTH, MAX_LINES, Exhausted, Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.outcomes import Flow, bounded
from flake8_async_sqla.semantics.flow.state.values import NOTHING, Routine, Suspended, Value
from flake8_async_sqla.semantics.inference.functions import manager_kind, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function, FunctionNode

CALLER = "<caller>"
Body = Callable[[State, Value], Flow]


def around(frame: Frame, state: State, node: ast.expr, body: Body) -> Flow | None:
    """Run a block inside the function that makes its context manager; None if it is made otherwise.

    Args:
        frame: The function that holds the block.
        state: What is known; it is used up.
        node: The expression that gives the context manager.
        body: Runs the block, given what the function yields.
    """
    if not isinstance(node, ast.Call) or not (made := _maker(frame, node)):
        return None
    routine, given, keywords = evaluated(frame, state, node)
    if not isinstance(routine, Routine) or routine.node is not made:
        return None
    values = [routine.receiver, *given] if routine.receiver is not None else given
    names = bound(routine, values, keywords)
    return _run(frame, state, node, routine, names, body) if names is not None else None


def _maker(frame: Frame, call: ast.Call) -> FunctionNode | None:
    """Return the function that makes the context manager, if it can be followed."""
    from flake8_async_sqla.semantics.inference.infer import called_function

    found = called_function(frame.module, call)
    if found is None or manager_kind(found.module, found.node) is None:
        return None
    return found.node if yields_once(frame, call, found) else None


def yields_once(frame: Frame, call: ast.Call, found: Function) -> bool:
    """Tell whether a function that is called yields in one place, and can be followed."""
    if len(frame.calls) >= MAX_DEPTH or any(place.node is call for place in frame.calls):
        return False
    if any(keyword.arg is None for keyword in call.keywords) or any(isinstance(arg, ast.Starred) for arg in call.args):
        return False
    return _has_one_yield(found.module, found.node)


def _has_one_yield(module: Module, node: FunctionNode) -> bool:
    yields = [*own_nodes(module, node, ast.Yield, ast.YieldFrom)]
    plain = len(yields) == 1 and isinstance(module.parent(yields[0]), ast.Expr)
    return plain and (node.end_lineno or 0) - node.lineno <= MAX_LINES


def yielded(
    frame: Frame, state: State, node: ast.expr, routine: Routine, given: dict[str, Value]
) -> list[tuple[State, Value]] | None:  # fmt: skip
    """Run a function until it yields: a fixture, or a dependency that goes on when the request is over.

    Args:
        frame: The function that gets what it yields.
        state: What is known; it is used up.
        node: What to report as the call.
        routine: The function.
        given: Its arguments.

    Returns:
        What it yields on each way, with its blocks still open; None if it cannot be followed.
    """
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    names = bound(routine, [], given) if len(frame.calls) < MAX_DEPTH else None
    if isinstance(routine.node, ast.Lambda) or names is None or not _has_one_yield(routine.module, routine.node):
        return None
    ways: list[tuple[State, Value]] = []

    def resume(inner: State, value: Value) -> Flow:
        ways.append((inner, value))
        return Flow()

    state.names, state.assumed = names, {}
    run_block(within(frame, node, routine, resume), routine.node.body, [state])
    return ways or None


def _run(
    frame: Frame, state: State, node: ast.Call, routine: Routine, names: dict[str, Value], body: Body
) -> Flow:  # fmt: skip
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    assert isinstance(routine.node, (ast.FunctionDef, ast.AsyncFunctionDef))
    caller, assumed = state.names, state.assumed

    def resume(inner: State, value: Value) -> Flow:
        own = inner.names
        inner.names, inner.assumed = dict(caller), dict(assumed)
        return _suspended(body(inner, value), own)

    state.names, state.assumed = names, {}
    return _resumed(run_block(within(frame, node, routine, resume), routine.node.body, [state]), caller)


def within(frame: Frame, node: ast.expr, routine: Routine, resume: Body) -> Frame:
    """Return the frame of a function that yields to the one that calls it.

    Args:
        frame: The function that calls it.
        node: The call.
        routine: The function that yields.
        resume: Runs what the caller does where it yields.
    """
    calls = (*frame.calls, Place(frame.module, node, "()"))
    return replace(
        frame, module=routine.module, node=routine.node, around=dict(routine.closure), calls=calls, turns=(),
        resume=resume,
    )  # fmt: skip


def _suspended(flow: Flow, own: dict[str, Value]) -> Flow:
    """Go on in the function, whichever way the block was left."""
    result = Flow()
    ways: list[tuple[str, State, Value, ast.Return | None]] = [("returned", *way) for way in flow.returned]
    for kind in ("normal", "broken", "continued", "raised"):
        ways += [(kind, state, NOTHING, None) for state in getattr(flow, kind)]
    for kind, state, value, statement in ways:
        held = Suspended(tuple(state.names.items()), kind, value, statement)
        state.names = {**own, CALLER: held}
        state.assumed = {}
        (result.raised if kind == "raised" else result.normal).append(state)
    return result


def _resumed(flow: Flow, caller: dict[str, Value]) -> Flow:
    """Go on after the block, the way it was left."""
    result = Flow()
    for state in [*flow.normal, *(state for state, _, _ in flow.returned)]:
        held = _restore(state, caller)
        if held is None:
            continue
        if held.kind == "returned":
            result.returned.append((state, held.value, held.statement))
        else:
            (getattr(result, held.kind) if held.kind != "raised" else result.normal).append(state)
    for state in flow.raised:
        _restore(state, caller)
        result.raised.append(state)
    result.normal, result.raised = bounded(result.normal), bounded(result.raised)
    return result


def _restore(state: State, caller: dict[str, Value]) -> Suspended | None:
    held = state.names.get(CALLER)
    if held is not None and not isinstance(held, Suspended):
        raise Exhausted
    state.names = dict(held.names) if held is not None else dict(caller)
    return held
