"""Conditions: which ways are open, and what is known on each."""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import (
    NOTHING,
    Items,
    Known,
    Loader,
    Many,
    Nothing,
    Object,
    Rows,
    Service,
    Session,
    Value,
)
from flake8_async_sqla.semantics.types import ProjectClass

_STABLE = (ast.Name, ast.Attribute, ast.Constant, ast.Compare, ast.Load, ast.cmpop, ast.Subscript, ast.UnaryOp,
           ast.unaryop)  # fmt: skip
_WORD = re.compile(r"[^\W\d]\w*")
Ways = tuple[list[State], list[State]]


@functools.lru_cache(4096)
def names_in(text: str) -> frozenset[str]:
    """List the words in a condition."""
    return frozenset(_WORD.findall(text))


def split(frame: Frame, state: State, test: ast.expr) -> Ways:
    """Evaluate a condition.

    Args:
        frame: The function.
        state: What is known before; it is used up.
        test: The condition.

    Returns:
        The states in which it is true, and those in which it is false.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        trues, falses = split(frame, state, test.operand)
        return falses, trues
    if isinstance(test, ast.BoolOp):
        return _several(frame, state, test)
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    if isinstance(test, ast.Constant):
        return ([state], []) if test.value else ([], [state])
    if (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], (ast.Is, ast.IsNot, ast.Eq, ast.NotEq))
    ):
        right = test.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None:
            value = value_of(frame, state, test.left)
            given = isinstance(test.ops[0], (ast.IsNot, ast.NotEq))
            there, missing = _presence(frame, state, test, test.left, value)
            return (there, missing) if given else (missing, there)
    value = value_of(frame, state, test)
    if not state.alive or _is_key(frame, state, test):
        return ([state], []) if state.alive else ([], [])
    if isinstance(test, ast.Call) and _is_isinstance(test):
        return _narrowed(frame, state, test)
    if isinstance(value, (Object, Nothing)):
        return _presence(frame, state, test, test, value)
    if isinstance(value, (Session, Service, Rows)) or (isinstance(value, Items) and _holds_options(value)):
        return [state], []
    if frame.constants and (known := _decided(frame, test)) is not None:
        return ([state], []) if known else ([], [state])
    return _either_way(state, test)


def _holds_options(value: Items) -> bool:
    return any(isinstance(item, Loader) for item in value.items)


def _decided(frame: Frame, test: ast.expr) -> bool | None:
    from flake8_async_sqla.semantics.flow.calling.deciding import decision

    return decision(frame, test)


def _is_key(frame: Frame, state: State, test: ast.expr) -> bool:
    """Tell whether a condition is the primary key of an object that is in the database: there is one."""
    if not isinstance(test, ast.Attribute) or not isinstance(test.value, ast.Name):
        return False
    held = state.names.get(test.value.id)
    if not isinstance(held, Object):
        return False
    owner = state.objects[held.id]
    attribute = owner.mapped.attributes.get(test.attr)
    return attribute is not None and attribute.primary_key and owner.life in ("persistent", "flushed", "detached")


def _several(frame: Frame, state: State, test: ast.BoolOp) -> Ways:
    going, ended = [state], []
    both = isinstance(test.op, ast.And)
    for part in test.values:
        waiting, going = going, []
        for branch in waiting:
            trues, falses = split(frame, branch, part)
            going += trues if both else falses
            ended += falses if both else trues
    from flake8_async_sqla.semantics.flow.state.outcomes import bounded

    going, ended = bounded(going), bounded(ended)
    return (going, ended) if both else (ended, going)


def _presence(frame: Frame, state: State, test: ast.expr, subject: ast.expr, value: Value) -> Ways:
    """Ask whether there is a value: the states in which there is, and those in which there is none."""
    if isinstance(value, Nothing):
        return [], [state]
    if isinstance(value, (Session, Service, Rows, Known, Items, Many)) or (
        isinstance(value, Object) and not value.optional
    ):
        return [state], []
    if not isinstance(value, Object):
        holds, fails = _either_way(state, test)
        absent = isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Is, ast.Eq))
        return (fails, holds) if absent else (holds, fails)
    missing = state.copy()
    name = subject.target if isinstance(subject, ast.NamedExpr) else subject
    if isinstance(name, ast.Name) and name.id in state.names:
        state.names[name.id] = replace(value, optional=False)
        missing.names[name.id] = NOTHING
    state.trail[id(test)] = (True, True)
    missing.trail[id(test)] = (False, True)
    return [state], [missing]


def _either_way(state: State, test: ast.expr) -> Ways:
    stable = all(isinstance(part, _STABLE) for part in ast.walk(test))
    text, positive = text_of(test) if stable else ("", True)
    if text and text in state.assumed:
        return ([state], []) if state.assumed[text] == positive else ([], [state])
    other = state.copy()
    if text:
        state.assumed[text], other.assumed[text] = positive, not positive
    state.trail[id(test)] = (True, False)
    other.trail[id(test)] = (False, False)
    return [state], [other]


def text_of(test: ast.expr) -> tuple[str, bool]:
    """Return the text of a condition, the same for ``x is None`` and ``x is not None``, and whether it is meant so."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        opposite = {ast.IsNot: ast.Is, ast.NotEq: ast.Eq, ast.NotIn: ast.In}.get(type(test.ops[0]))
        if opposite is not None:
            return ast.unparse(ast.Compare(test.left, [opposite()], test.comparators)), False
    return ast.unparse(test), True


def _is_isinstance(test: ast.Call) -> bool:
    return isinstance(test.func, ast.Name) and test.func.id == "isinstance" and len(test.args) == 2


def _narrowed(frame: Frame, state: State, test: ast.Call) -> Ways:
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
    from flake8_async_sqla.semantics.flow.state.polymorphism import narrowed

    subject = value_of(frame, state, test.args[0])
    kind = value_of(frame, state, test.args[1])
    if isinstance(subject, Object) and isinstance(kind, Known) and isinstance(kind.type, ProjectClass):
        return narrowed(state, test, subject, kind.type)
    return _either_way(state, test)
