"""Loops: none, one or two turns."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calling.generators import through
from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
from flake8_async_sqla.semantics.flow.relevance import suspends
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import absent, give_back
from flake8_async_sqla.semantics.flow.state.outcomes import Flow, bounded
from flake8_async_sqla.semantics.flow.state.values import Items, Value
from flake8_async_sqla.semantics.flow.statements.assigning import assign
from flake8_async_sqla.semantics.flow.statements.conditions import split
from flake8_async_sqla.semantics.flow.statements.iteration import alike, iterated

_MAX_NESTED = 2


def for_loop(frame: Frame, node: ast.For | ast.AsyncFor, state: State) -> Flow:
    """Run a ``for`` loop: not at all, and for one or two items."""
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    def body(start: State, value: Value, number: int) -> Flow:
        inner = frame.turn(number)
        assign(inner, start, node.target, value)
        return run_block(inner, node.body, [start])

    if (made := through(frame, state, node.iter, body)) is not None:
        return _ended(frame, node, made)
    value = value_of(frame, state, node.iter)
    result = Flow()
    if not state.alive:
        return result
    none = state.copy()
    none.trail[id(node)] = ("no turn", True)
    absent(none, alike(value))
    ends: list[State] = [] if isinstance(value, Items) and value.items else [none]
    starts = [state]
    again = len(frame.turns) < _MAX_NESTED and suspends(frame.module, node)
    for turn in (1, 2) if again else (1,):
        inner = frame.turn(turn)
        flow = Flow()
        following: list[State] = []
        for start in starts:
            start.trail[id(node)] = ("turns", True)
            one = iterated(inner, start, node.iter, value)
            assign(inner, start, node.target, one)
            passed = run_block(inner, node.body, [start])
            for end in (*passed.normal, *passed.continued):
                if turn == 1 and again:
                    following.append(end.copy())  # what the turn did to its item alone, the next item has not seen
                _every(end, value, one)
            flow.normal += [*passed.normal, *passed.continued]
            flow.broken += passed.broken
            passed.continued, passed.broken = [], []
            flow.leave(passed)
        result.leave(Flow(returned=flow.returned, raised=flow.raised))
        result.normal += flow.broken
        starts = bounded(flow.normal)
        if not starts:
            break
        last = starts
        starts = bounded(following)
        ends = [*[end for end in ends if end is none], *last]
    rest = run_block(frame, node.orelse, ends)
    result.normal = bounded([*result.normal, *rest.normal])
    result.leave(rest)
    return result


def _ended(frame: Frame, node: ast.For | ast.AsyncFor, flow: Flow) -> Flow:
    """Leave a loop over a generator."""
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    rest = run_block(frame, node.orelse, flow.normal)
    flow.normal, flow.broken = bounded([*rest.normal, *flow.broken]), []
    rest.normal = []
    flow.leave(rest)
    return flow


def _every(state: State, value: Value, one: Value) -> None:
    """What a turn does to its item, the loop does to each."""
    many = alike(value)
    if many is not None:
        give_back(state, many, one)


def while_loop(frame: Frame, node: ast.While, state: State) -> Flow:
    """Run a ``while`` loop: not at all, once or twice."""
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    result = Flow()
    starts = [state]
    ends: list[State] = []
    again = len(frame.turns) < _MAX_NESTED and suspends(frame.module, node)
    for turn in (1, 2) if again else (1,):
        inner = frame.turn(turn)
        going: list[State] = []
        for start in starts:
            trues, falses = split(inner, start, node.test)
            going += trues
            ends += falses
        passed = run_block(inner, node.body, going)
        starts = bounded([*passed.normal, *passed.continued])
        result.normal += passed.broken
        passed.broken, passed.continued = [], []
        result.leave(passed)
        for start in starts:
            start.assumed = {}
    if not _endless(node):
        ends += starts
    rest = run_block(frame, node.orelse, bounded(ends))
    result.normal = bounded([*result.normal, *rest.normal])
    result.leave(rest)
    return result


def _endless(node: ast.While) -> bool:
    return isinstance(node.test, ast.Constant) and bool(node.test.value)
