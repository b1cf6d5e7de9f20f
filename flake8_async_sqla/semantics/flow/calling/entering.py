"""Context managers that the project writes as classes: their methods run where the block begins and ends."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calling.invoking import invoke
from flake8_async_sqla.semantics.flow.expressions.members import function
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import NOTHING, OPAQUE, Known, Routine, Service, Value
from flake8_async_sqla.semantics.types import External

_RAISED = (Known(External("builtins.Exception")), OPAQUE, OPAQUE)


def enter(frame: Frame, state: State, item: ast.expr, manager: Service, block: ast.With | ast.AsyncWith) -> Value:
    """Return what a block gets from its context manager.

    Args:
        frame: The function that holds the block.
        state: What is known; it is changed.
        item: The expression that gives the context manager.
        manager: The context manager.
        block: The block.
    """
    return _call(frame, state, item, manager, "__aenter__" if isinstance(block, ast.AsyncWith) else "__enter__", ())


def leave(
    frame: Frame, state: State, item: ast.expr, manager: Service, block: ast.With | ast.AsyncWith, *, raised: bool
) -> None:
    """End a block, by an exception or without one."""
    name = "__aexit__" if isinstance(block, ast.AsyncWith) else "__exit__"
    _call(frame, state, item, manager, name, _RAISED if raised else (NOTHING,) * 3)


def _call(
    frame: Frame, state: State, item: ast.expr, manager: Service, name: str, given: tuple[Value, ...]
) -> Value:  # fmt: skip
    found = function(manager.cls, name)
    if found is None:
        return OPAQUE
    return invoke(frame, state, item, Routine(found.module, found.node, manager), [*given], {})
