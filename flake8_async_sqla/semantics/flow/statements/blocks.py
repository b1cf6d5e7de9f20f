"""``with`` and ``async with``: sessions and transactions that end with their block."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calling.entering import enter, leave
from flake8_async_sqla.semantics.flow.calling.managers import around
from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
from flake8_async_sqla.semantics.flow.expressions.origins import is_session, session_value
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import forget_session
from flake8_async_sqla.semantics.flow.state.outcomes import Flow, bounded
from flake8_async_sqla.semantics.flow.state.values import Block, Opaque, Service, Session, Value
from flake8_async_sqla.semantics.flow.statements.assigning import assign
from flake8_async_sqla.semantics.flow.unit_of_work import sessions
from flake8_async_sqla.semantics.flow.unit_of_work.savepoints import nested_rollback
from flake8_async_sqla.semantics.inference.bindings import entered


def block(frame: Frame, node: ast.With | ast.AsyncWith, state: State) -> Flow:
    """Run a block with its context managers, outermost first."""
    return _enter(frame, node, state, 0)


def _enter(frame: Frame, node: ast.With | ast.AsyncWith, state: State, position: int) -> Flow:
    from flake8_async_sqla.semantics.flow.statements.statements import run_block

    if position == len(node.items):
        return run_block(frame, node.body, [state])
    item = node.items[position]

    def inner(start: State, value: Value) -> Flow:
        if item.optional_vars is not None:
            assign(frame, start, item.optional_vars, value)
        return _enter(frame, node, start, position + 1)

    if (made := around(frame, state, item.context_expr, inner)) is not None:
        return made
    if not state.alive:
        return Flow()
    manager = value_of(frame, state, item.context_expr)
    if not state.alive:
        return Flow()
    unseen = _unseen(frame, state, item.context_expr, manager)
    inside: Value = unseen if unseen is not None else manager
    if isinstance(manager, Block):
        sessions.begin(state, manager.session)
        inside = Session(manager.session) if manager.kind == "factory" else manager
    if isinstance(manager, Service):
        inside = enter(frame, state, item.context_expr, manager, node)
    if item.optional_vars is not None:
        assign(frame, state, item.optional_vars, inside)
    before = state.copy() if frame.run.catching else None
    flow = _enter(frame, node, state, position + 1)
    if before is not None:
        flow.raised.append(before)
    for end in flow.ways_out():
        _leave(frame, end, item.context_expr, manager, unseen)
        if isinstance(manager, Service):
            leave(frame, end, item.context_expr, manager, node, raised=False)
    flow.raised = bounded([_undone(frame, end, item.context_expr, manager, unseen) for end in flow.raised])
    if isinstance(manager, Service):
        for end in flow.raised:
            leave(frame, end, item.context_expr, manager, node, raised=True)
    return flow


def _unseen(frame: Frame, state: State, node: ast.expr, manager: Value) -> Session | None:
    """A session that a context manager of the project's own gives."""
    if not isinstance(manager, Opaque):
        return None
    kind = entered(frame.module.type_of(node))
    if not is_session(kind):
        return None
    return session_value(frame.run, state, kind, (*frame.key, node, frame.turns))


def _leave(frame: Frame, state: State, node: ast.expr, manager: Value, unseen: Session | None) -> None:
    """Leave a block without an exception."""
    end = frame.place(node, "end of the block")
    if isinstance(manager, Session):
        sessions.close(state, manager.id, end)
    elif isinstance(manager, Block) and manager.kind == "begin_nested":
        sessions.flush(state, manager.session, end)
    elif isinstance(manager, Block):
        if state.sessions[manager.session].begun:
            sessions.commit(state, manager.session, end)
        if manager.kind == "factory":
            sessions.close(state, manager.session, end)
    elif unseen is not None:
        forget_session(state, unseen.id)


def _undone(frame: Frame, state: State, node: ast.expr, manager: Value, unseen: Session | None) -> State:
    """Leave a block by an exception."""
    end = frame.place(node, "end of the block")
    state = state.copy()
    if isinstance(manager, Session):
        sessions.close(state, manager.id, end)
    elif isinstance(manager, Block) and manager.kind == "begin_nested":
        nested_rollback(state, manager.session, end)
    elif isinstance(manager, Block):
        sessions.rollback(state, manager.session, end)
        if manager.kind == "factory":
            sessions.close(state, manager.session, end)
    elif unseen is not None:
        forget_session(state, unseen.id)
    return state
