"""Running statements, on every path."""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_async_sqla.semantics.flow.calling.forks import evaluated
from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import forget
from flake8_async_sqla.semantics.flow.state.outcomes import Flow, bounded
from flake8_async_sqla.semantics.flow.state.values import NOTHING, OPAQUE, PLAIN, Items, Many, Object, Plain, Routine
from flake8_async_sqla.semantics.flow.statements.assigning import assign, bind
from flake8_async_sqla.semantics.flow.statements.blocks import block
from flake8_async_sqla.semantics.flow.statements.conditions import split
from flake8_async_sqla.semantics.flow.statements.iteration import iterated
from flake8_async_sqla.semantics.flow.statements.loops import for_loop, while_loop
from flake8_async_sqla.semantics.flow.statements.matching import match


def run_block(frame: Frame, statements: list[ast.stmt], states: list[State]) -> Flow:
    """Run statements one after the other, on all paths."""
    flow = Flow(normal=bounded(states))
    for statement in statements:
        if not flow.normal:
            break
        going: list[State] = []
        for state in flow.normal:
            before = state.copy() if frame.run.catching else None
            passed = run(frame, statement, state)
            going += passed.normal
            flow.leave(passed)
            if before is not None and not isinstance(statement, (ast.With, ast.AsyncWith)) and _may_raise(statement):
                flow.raised.append(before)
        flow.normal = bounded(going)
        flow.raised = bounded(flow.raised)
    return flow


def _may_raise(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Return, ast.Expr)):
        return not isinstance(node.value, (ast.Constant, ast.Name, type(None)))
    return not isinstance(node, (ast.Pass, ast.Break, ast.Continue))


def run(frame: Frame, node: ast.stmt, state: State) -> Flow:
    """Run a statement on one path."""
    frame.run.step()
    handler = _HANDLERS.get(type(node))
    if handler is None:
        return Flow(normal=[state])
    flow = handler(frame, node, state)
    flow.normal = [end for end in flow.normal if end.alive]
    return flow


def _expression(frame: Frame, node: ast.Expr, state: State) -> Flow:
    if frame.resume is not None and isinstance(node.value, ast.Yield):
        given = node.value.value
        return frame.resume(state, value_of(frame, state, given) if given is not None else NOTHING)
    if frame.resume is not None and isinstance(node.value, ast.YieldFrom):
        many = value_of(frame, state, node.value.value)
        return frame.resume(state, iterated(frame, state, node.value.value, many))
    return Flow(normal=[way for way, _ in evaluated(frame, state, node.value)])


def _assign(frame: Frame, node: ast.Assign, state: State) -> Flow:
    ways = evaluated(frame, state, node.value)
    for way, value in ways:
        for target in node.targets:
            assign(frame, way, target, value)
    return Flow(normal=[way for way, _ in ways])


def _annotated(frame: Frame, node: ast.AnnAssign, state: State) -> Flow:
    if node.value is not None:
        assign(frame, state, node.target, value_of(frame, state, node.value))
    return Flow(normal=[state])


def _augmented(frame: Frame, node: ast.AugAssign, state: State) -> Flow:
    from flake8_async_sqla.semantics.flow.reads.reading import read

    value = value_of(frame, state, node.value)
    target = node.target
    if isinstance(target, ast.Attribute):
        owner = value_of(frame, state, target.value)
        if isinstance(owner, Object) and target.attr in state.objects[owner.id].mapped.attributes:
            read(frame, state, target, owner.id, target.attr, changes=True)
    elif isinstance(target, ast.Name):
        held = state.names.get(target.id)
        value = OPAQUE if isinstance(held, (Many, Items)) or not held else PLAIN if isinstance(held, Plain) else held
    assign(frame, state, target, value)
    return Flow(normal=[state])


def _return(frame: Frame, node: ast.Return, state: State) -> Flow:
    ways = evaluated(frame, state, node.value) if node.value is not None else [(state, NOTHING)]
    return Flow(returned=[(way, value, node) for way, value in ways if way.alive])


def _raise(frame: Frame, node: ast.Raise, state: State) -> Flow:
    for part in (node.exc, node.cause):
        if part is not None:
            value_of(frame, state, part)
    return Flow(raised=[state])


def _if(frame: Frame, node: ast.If, state: State) -> Flow:
    trues, falses = split(frame, state, node.test)
    flow = run_block(frame, node.body, trues)
    other = run_block(frame, node.orelse, falses)
    flow.normal = bounded([*flow.normal, *other.normal])
    flow.leave(other)
    return flow


def _try(frame: Frame, node: ast.Try, state: State) -> Flow:
    frame.run.catching += bool(node.handlers)
    flow = run_block(frame, node.body, [state])
    frame.run.catching -= bool(node.handlers)
    raised, flow.raised = flow.raised, []
    for end in flow.normal if node.handlers else ():
        end.trail[id(node)] = ("nothing raised", True)
    if node.orelse:
        rest = run_block(frame, node.orelse, flow.normal)
        flow.normal = rest.normal
        flow.leave(rest)
    for number, handler in enumerate(node.handlers):
        starts = [entry.copy() for entry in raised]
        for entry in starts:
            entry.trail[id(node)] = (number, False)
            if handler.name:
                bind(frame, entry, ast.Name(handler.name, ast.Store()), OPAQUE)
        caught = run_block(frame, handler.body, starts)
        flow.normal = bounded([*flow.normal, *caught.normal])
        flow.leave(caught)
    if not node.handlers:
        flow.raised = bounded([*flow.raised, *raised])
    return _finally(frame, node, flow) if node.finalbody else flow


def _finally(frame: Frame, node: ast.Try, flow: Flow) -> Flow:
    """Run the last part on each way out."""
    result = Flow()
    last = run_block(frame, node.finalbody, flow.normal)
    result.normal = last.normal
    result.leave(last)
    for state, value, statement in flow.returned:
        last = run_block(frame, node.finalbody, [state])
        result.returned += [(end, value, statement) for end in last.normal]
        result.leave(last)
    for name in ("raised", "broken", "continued"):
        last = run_block(frame, node.finalbody, getattr(flow, name))
        setattr(result, name, bounded([*getattr(result, name), *last.normal]))
        result.leave(last)
    return result


def _define(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> Flow:
    closure = tuple({**frame.around, **state.names}.items())
    bind(frame, state, ast.Name(node.name, ast.Store()), Routine(frame.module, node, None, closure))
    return Flow(normal=[state])


def _delete(frame: Frame, node: ast.Delete, state: State) -> Flow:
    for target in node.targets:
        if isinstance(target, ast.Name):
            bind(frame, state, target, OPAQUE)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            forget(state, [value_of(frame, state, target.value)])
    return Flow(normal=[state])


def _assert(frame: Frame, node: ast.Assert, state: State) -> Flow:
    trues, _ = split(frame, state, node.test)
    return Flow(normal=trues)


def _break(frame: Frame, node: ast.Break, state: State) -> Flow:
    return Flow(broken=[state])


def _continue(frame: Frame, node: ast.Continue, state: State) -> Flow:
    return Flow(continued=[state])


_HANDLERS: dict[type, Callable[..., Flow]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.If: _if,
    ast.Try: _try,
    ast.Match: match,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
    ast.Delete: _delete,
    ast.Assert: _assert,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.For: for_loop,
    ast.AsyncFor: for_loop,
    ast.While: while_loop,
    ast.With: block,
    ast.AsyncWith: block,
}
if hasattr(ast, "TryStar"):
    _HANDLERS[ast.TryStar] = _try
