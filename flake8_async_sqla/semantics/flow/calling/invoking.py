"""Calling functions of the project: their bodies run on the caller's objects."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.deciding import constants, decided
from flake8_async_sqla.semantics.flow.calling.forks import is_told, ways_apart
from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.relevance import uses_session
from flake8_async_sqla.semantics.flow.state.frame import MAX_CALL_STEPS, MAX_DEPTH, MAX_LINES, Exhausted, Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import forget, forget_session
from flake8_async_sqla.semantics.flow.state.values import (
    NOTHING,
    OPAQUE,
    PLAIN,
    Items,
    Known,
    Many,
    Object,
    Plain,
    Routine,
    Rows,
    Service,
    Session,
    Value,
    inside,
)
from flake8_async_sqla.semantics.inference.calls import FACTORIES
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator, transparent
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters

_MAKES_SESSIONS = ("__aenter__", "__enter__")


def invoke(
    frame: Frame, state: State, node: ast.expr, routine: Routine, values: list[Value], keywords: dict[str, Value]
) -> Value:
    """Call a function of the project.

    Args:
        frame: The caller.
        state: What is known; it is changed by what the function does.
        node: What to report as the call.
        routine: The function.
        values: Positional arguments.
        keywords: Keyword arguments.
    """
    callee = routine.node
    given = [routine.receiver, *values] if routine.receiver is not None else values
    names = bound(routine, given, keywords)
    if not _worthwhile(state, routine, [*given, *keywords.values(), *(names or {}).values()]):
        return OPAQUE
    if names is None or not _followed(frame, node, routine):
        lose_sight(state, routine, [*given, *keywords.values()])
        return OPAQUE
    calls = frame.calls if isinstance(callee, ast.Lambda) else (*frame.calls, Place(frame.module, node, "()"))
    inner = replace(frame, module=routine.module, node=callee, around=dict(routine.closure), calls=calls, resume=None)
    told = constants(frame, node, routine)
    inner = replace(inner, callers=(*frame.callers, state.names), constants=told)
    if not isinstance(callee, ast.Lambda):
        inner = replace(inner, turns=(), outer=(*frame.outer, *frame.turns))
    outer, assumed = state.names, state.assumed
    state.names, state.assumed = names, {**decided(routine, told), **_assumed(state, names)}
    if isinstance(callee, ast.Lambda):
        from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

        result = value_of(inner, state, callee.body)
    else:
        result = _limited(inner, state, callee, [*given, *keywords.values()])
        if frame.run.asked is node:
            for way, _ in frame.run.ways:
                way.names, way.assumed = dict(outer), {**assumed, **_learnt(way.assumed, names, outer)}
    state.names, state.assumed = outer, assumed
    return result


def _assumed(state: State, names: dict[str, Value]) -> dict[str, bool]:
    """Say what the caller knows of the truth of what it gives."""
    found: dict[str, bool] = {}
    for name, value in names.items():
        if isinstance(value, Plain) and value.truth is not None:
            found |= {name: value.truth, f"{name} is None": False}
        elif isinstance(value, Plain) and isinstance(value.key, str):
            for own in [own for own, held in state.names.items() if held == value and own in state.assumed]:
                found[name] = state.assumed[own]
    return found


def _learnt(found: dict[str, bool], names: dict[str, Value], outer: dict[str, Value]) -> dict[str, bool]:
    """Say what a way through a function tells of the truth of the caller's names."""
    told = {name: value for name, value in names.items() if is_told(value) and name in found}
    return {own: found[name] for name, value in told.items() for own, held in outer.items() if held == value}


def lose_sight(state: State, routine: Routine, given: list[Value]) -> None:
    """Reckon with a function that is not followed: it may use what it is given, or a session from elsewhere."""
    forget(state, given)
    if not isinstance(routine.node, ast.Lambda) and uses_session(routine.module, routine.node):
        for number in [number for number, held in state.sessions.items() if not held.own]:
            forget_session(state, number)


def _limited(frame: Frame, state: State, node: ast.FunctionDef | ast.AsyncFunctionDef, given: list[Value]) -> Value:
    """Run a function for some time; one that takes too long is not followed again."""
    run, before = frame.run, state.copy()
    limit, catching = run.limit, run.catching
    run.limit = min(limit, run.steps + MAX_CALL_STEPS)
    try:
        return _run(frame, state, node)
    except Exhausted:
        if run.steps >= limit:
            raise
        _too_long(frame.module).add(node)
        run.catching = catching
        state.become(before)
        lose_sight(state, Routine(frame.module, node), given)
        return OPAQUE
    finally:
        run.limit = limit


def _too_long(module: Module) -> set[ast.AST]:
    return module.cached("too long to follow", set)


def _run(frame: Frame, state: State, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
    from flake8_async_sqla.semantics.flow.expressions.expressions import meet
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    trail, names = state.trail, dict(state.names)
    flow = run_block(frame, node.body, [state.copy()])
    ends: list[tuple[State, Value]] = [(end, NOTHING) for end in flow.normal]
    ends += [(end, value) for end, value, _ in flow.returned]
    if frame.run.asked is frame.calls[-1].node:
        frame.run.ways = ways_apart(frame, names, trail, ends)
    result = meet(frame, state, ends)
    state.trail = trail
    return result


def _worthwhile(state: State, routine: Routine, given: list[Value]) -> bool:
    """Tell whether a call can matter: it is given objects or sessions, or brings some in."""
    if isinstance(routine.node, ast.Lambda) or uses_session(routine.module, routine.node):
        return True
    if routine.node.name in _MAKES_SESSIONS:
        return True
    for value in given:
        for item in inside(value):
            if isinstance(item, (Object, Session, Rows)):
                return True
            if isinstance(item, Known) and is_a(item.type, *FACTORIES):
                return True
            if isinstance(item, Service) and any(
                isinstance(held, (Object, Session, Many, Items)) for held in state.services.get(item.id, {}).values()
            ):
                return True
    return bool(routine.closure)


def _followed(frame: Frame, node: ast.expr, routine: Routine) -> bool:
    """Tell whether a call can be followed into the function; one of its own, once."""
    from flake8_async_sqla.semantics.flow.expressions.members import defines

    callee = routine.node
    if len(frame.calls) >= MAX_DEPTH or any(place.node is node for place in frame.calls):
        return False
    if isinstance(callee, ast.Lambda):
        return True
    if (callee.end_lineno or 0) - callee.lineno > MAX_LINES or callee in _too_long(routine.module):
        return False
    if routine.receiver is not None and not defines(callee):
        return False
    return transparent(routine.module, callee) and not is_generator(routine.module, callee)


def _default(module: Module, node: ast.expr | None) -> Value:
    """Return what a parameter holds that is not given; of names, factories of sessions alone are looked up."""
    if isinstance(node, (ast.Tuple, ast.List)) and not node.elts:
        return Items(())
    if isinstance(node, (ast.Name, ast.Attribute)) and is_a(kind := module.type_of(node), *FACTORIES):
        return Known(kind)
    if not isinstance(node, ast.Constant):
        return OPAQUE
    return NOTHING if node.value is None else Plain(truth=bool(node.value))


def bound(routine: Routine, given: list[Value], keywords: dict[str, Value]) -> dict[str, Value] | None:
    """Bind arguments to parameters; None if the call does not fit."""
    arguments = routine.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    names: dict[str, Value] = {}
    if len(given) > len(positional) and arguments.vararg is None:
        return None
    for parameter, value in zip(positional, given, strict=False):
        names[parameter.arg] = value
    if arguments.vararg is not None:
        names[arguments.vararg.arg] = Items(tuple(given[len(positional) :]))
    known = {parameter.arg for parameter, _ in parameters(arguments)}
    for name, value in keywords.items():
        if name in known:
            names[name] = value
        elif arguments.kwarg is None:
            return None
    if arguments.kwarg is not None:
        extra = [value for name, value in keywords.items() if name not in known]
        names[arguments.kwarg.arg] = Many(OPAQUE if extra else PLAIN, keyed=True)
    for parameter, default in parameters(arguments):
        if parameter.arg not in names:
            names[parameter.arg] = _default(routine.module, default)
    return names
