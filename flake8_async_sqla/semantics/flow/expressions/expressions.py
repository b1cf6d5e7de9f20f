"""What expressions give, and what they do on the way."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from flake8_async_sqla.semantics.flow.expressions.comparing import compare
from flake8_async_sqla.semantics.flow.expressions.displays import alike_all, dictionary, items, starred
from flake8_async_sqla.semantics.flow.expressions.origins import is_session, session_value, value_of_type
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.joining import joined
from flake8_async_sqla.semantics.flow.state.objects import aligned, forget, taken
from flake8_async_sqla.semantics.flow.state.values import (
    CLAUSE,
    NOTHING,
    OPAQUE,
    PLAIN,
    Bound,
    Items,
    Known,
    Many,
    Opaque,
    Plain,
    Routine,
    Value,
    merged,
)
from flake8_async_sqla.semantics.flow.statements.comprehensions import comprehension
from flake8_async_sqla.semantics.types import UNKNOWN, External

_BUILTINS = frozenset(dir(builtins))


def value_of(frame: Frame, state: State, node: ast.expr) -> Value:
    """Evaluate an expression; the state is changed by what it does."""
    frame.run.step()
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(frame, state, node)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            value_of(frame, state, child)
    return OPAQUE


def typed(frame: Frame, state: State, node: ast.expr, value: Value) -> Value:
    """Take an expression of unknown value for the session that its type says it is."""
    if isinstance(value, Opaque):
        known: dict[ast.expr, str] = frame.module.cached("sessions by their text", dict)
        if node not in known:
            known[node] = ast.unparse(node) if is_session(frame.module.type_of(node)) else ""
        if known[node]:
            return session_value(frame.run, state, frame.module.type_of(node), (frame.key, known[node]))
    return value


def _constant(frame: Frame, state: State, node: ast.Constant) -> Value:
    if node.value is None:
        return NOTHING
    given = isinstance(frame.module.parent(node), (ast.Call, ast.keyword))
    return Plain(node.value if type(node.value) is int else None, bool(node.value) if given else None)


def _name(frame: Frame, state: State, node: ast.Name) -> Value:
    if node.id in state.names:
        return typed(frame, state, node, state.names[node.id])
    if node.id in frame.around:
        return frame.around[node.id]
    scope = frame.module.index.scopes[frame.node]
    if node.id in scope.names:
        found = scope.names[node.id]
        if any(binding.kind not in ("import", "function", "class") for binding in found):
            return typed(frame, state, node, OPAQUE)
    kind = frame.module.type_of(node)
    if kind is UNKNOWN and node.id in _BUILTINS and frame.module.scope_of(node).lookup(node.id) is None:
        kind = External(f"builtins.{node.id}")
    return value_of_type(frame.run, state, kind, ("global", frame.module, node.id))


def _attribute(frame: Frame, state: State, node: ast.Attribute) -> Value:
    from flake8_async_sqla.semantics.flow.expressions.members import member

    receiver = value_of(frame, state, node.value)
    return typed(frame, state, node, member(frame, state, node, receiver, node.attr))


def _call(frame: Frame, state: State, node: ast.Call) -> Value:
    from flake8_async_sqla.semantics.flow.calling.calls import call

    return typed(frame, state, node, call(frame, state, node, awaited=False))


def _await(frame: Frame, state: State, node: ast.Await) -> Value:
    from flake8_async_sqla.semantics.flow.calling.calls import call
    from flake8_async_sqla.semantics.flow.reads.reading import awaited

    if isinstance(node.value, ast.Call):
        return typed(frame, state, node, call(frame, state, node.value, awaited=True))
    value = value_of(frame, state, node.value)
    inner = value.receiver if isinstance(value, Bound) else None
    if isinstance(value, Bound) and isinstance(inner, Bound) and inner.name == "awaitable_attrs":
        return awaited(frame, state, node.value, inner.receiver, value.name)
    forget(state, [value])
    return typed(frame, state, node, OPAQUE)


def _walrus(frame: Frame, state: State, node: ast.NamedExpr) -> Value:
    from flake8_async_sqla.semantics.flow.statements.assigning import assign

    value = value_of(frame, state, node.value)
    assign(frame, state, node.target, value)
    return value


def _choice(frame: Frame, state: State, node: ast.IfExp) -> Value:
    from flake8_async_sqla.semantics.flow.statements.conditions import split

    trues, falses = split(frame, state, node.test)
    results = [(branch, value_of(frame, branch, node.body)) for branch in trues]
    results += [(branch, value_of(frame, branch, node.orelse)) for branch in falses]
    return meet(frame, state, results)


def meet(frame: Frame, state: State, results: list[tuple[State, Value]]) -> Value:
    """Go on after several ways: the state becomes what all of them know."""
    results = [(branch, value) for branch, value in results if branch.alive]
    if not results:
        state.alive = False
        return OPAQUE
    results = aligned(frame.run, results)
    state.become(joined([branch for branch, _ in results]))
    value = results[0][1]
    for _, other in results[1:]:
        value = merged(value, other)
    return value


def _either(frame: Frame, state: State, node: ast.BoolOp) -> Value:
    from flake8_async_sqla.semantics.flow.statements.conditions import split

    results: list[tuple[State, Value]] = []
    waiting = [state.copy()]
    for number, part in enumerate(node.values):
        going: list[State] = []
        for branch in waiting:
            if number == len(node.values) - 1:
                results.append((branch, value_of(frame, branch, part)))
                continue
            probe = branch.copy()
            value = value_of(frame, probe, part)
            trues, falses = split(frame, branch, part)
            going += trues if isinstance(node.op, ast.And) else falses
            ended = falses if isinstance(node.op, ast.And) else trues
            results += [(one, value if isinstance(node.op, ast.Or) else PLAIN) for one in ended]
        waiting = going
    return meet(frame, state, results)


def _text(frame: Frame, state: State, node: ast.JoinedStr) -> Value:
    from flake8_async_sqla.semantics.flow.expressions.members import shown

    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = value_of(frame, state, part.value)
            shown(frame, state, part.value, value, as_repr=part.conversion == ord("r"))
            if part.format_spec is not None:
                value_of(frame, state, part.format_spec)
    return PLAIN


def _operation(frame: Frame, state: State, node: ast.BinOp) -> Value:
    from flake8_async_sqla.semantics.flow.expressions.formatting import operands, percent

    left, right = value_of(frame, state, node.left), value_of(frame, state, node.right)
    if isinstance(node.op, ast.Mod):
        percent(frame, state, node, node.left, operands(right))
    if isinstance(node.op, ast.Add) and isinstance(left, (Many, Items)) and isinstance(right, (Many, Items)):
        return alike_all([item for held in (left, right) for item in _held(held)])
    return CLAUSE if CLAUSE in (left, right) else PLAIN if Plain in (type(left), type(right)) else OPAQUE


def _held(value: Many | Items) -> tuple[Value, ...]:
    return value.items if isinstance(value, Items) else (value.item,)


def _unary(frame: Frame, state: State, node: ast.UnaryOp) -> Value:
    value_of(frame, state, node.operand)
    return PLAIN


def _lambda(frame: Frame, state: State, node: ast.Lambda) -> Value:
    return Routine(frame.module, node, None, tuple({**frame.around, **state.names}.items()))


def _subscript(frame: Frame, state: State, node: ast.Subscript) -> Value:
    value = value_of(frame, state, node.value)
    index = node.slice
    if not isinstance(index, (ast.Slice, ast.Constant)):
        value_of(frame, state, index)
    if isinstance(index, ast.Slice):
        for part in (index.lower, index.upper, index.step):
            if part is not None:
                value_of(frame, state, part)
        return value if isinstance(value, Many) else OPAQUE
    return item_at(frame, state, value, index)


def item_at(frame: Frame, state: State, value: Value, index: ast.expr) -> Value:
    """Take an item out of a collection or row."""
    if isinstance(value, Many):
        return taken(frame.run, state, value.item, one=True)
    if isinstance(value, Items):
        place = _index(index)
        if isinstance(place, int) and -len(value.items) <= place < len(value.items):
            return value.items[place]
        if isinstance(place, str) and place in value.names:
            return value.items[value.names.index(place)]
    return PLAIN if isinstance(value, Plain) else value if isinstance(value, Known) else OPAQUE


def _index(index: ast.expr) -> object:
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub) and isinstance(index.operand, ast.Constant):
        return -index.operand.value if isinstance(index.operand.value, int) else None
    return index.value if isinstance(index, ast.Constant) else None


def _yield(frame: Frame, state: State, node: ast.Yield | ast.YieldFrom) -> Value:
    if node.value is not None:
        forget(state, [value_of(frame, state, node.value)])
    return OPAQUE


_HANDLERS: dict[type, Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _await,
    ast.List: items,
    ast.Tuple: items,
    ast.Set: items,
    ast.Dict: dictionary,
    ast.Starred: starred,
    ast.NamedExpr: _walrus,
    ast.IfExp: _choice,
    ast.BoolOp: _either,
    ast.Compare: compare,
    ast.JoinedStr: _text,
    ast.BinOp: _operation,
    ast.UnaryOp: _unary,
    ast.Lambda: _lambda,
    ast.Subscript: _subscript,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.DictComp: comprehension,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}
