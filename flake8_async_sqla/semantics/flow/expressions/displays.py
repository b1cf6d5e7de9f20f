"""Lists, tuples, sets and dictionaries that are written out, with stars in them."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, PLAIN, Items, Many, Rows, Value, merged


def items(frame: Frame, state: State, node: ast.List | ast.Tuple | ast.Set) -> Value:
    """Evaluate a list, tuple or set."""
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    values = [value_of(frame, state, item) for item in node.elts]
    known: list[Value] = []
    for item, value in zip(node.elts, values, strict=True):
        if isinstance(item, ast.Starred) and not (isinstance(value, Items) and not value.keyed):
            return alike_all([_each(item, value) for item, value in zip(node.elts, values, strict=True)])
        known += value.items if isinstance(item, ast.Starred) and isinstance(value, Items) else [value]
    return Items(tuple(known)) if len(known) <= 12 else alike_all(known)


def _each(node: ast.expr, value: Value) -> Value:
    from flake8_async_sqla.semantics.flow.statements.iteration import alike

    return value if not isinstance(node, ast.Starred) else alike(value) or OPAQUE


def alike_all(values: list[Value]) -> Value:
    """Return what holds values of which each stands for all."""
    result: Value = values[0] if values else PLAIN
    for value in values[1:]:
        result = merged(result, value)
    return Many(result)


def dictionary(frame: Frame, state: State, node: ast.Dict) -> Value:
    """Evaluate a dictionary."""
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    for key in node.keys:
        if key is not None:
            value_of(frame, state, key)
    values = [value_of(frame, state, item) for item in node.values]
    names = [key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    if len(names) == len(values):
        return Items(tuple(values), tuple(names), keyed=True)
    return Many(OPAQUE, keyed=True)


def starred(frame: Frame, state: State, node: ast.Starred) -> Value:
    """Evaluate what a star unpacks: to take the rows out of a result is to read it."""
    from flake8_async_sqla.semantics.flow.calling.generators import used_up
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
    from flake8_async_sqla.semantics.flow.queries import results

    value = used_up(frame, state, node.value, value_of(frame, state, node.value))
    if isinstance(value, Rows):
        results.repeated(frame, state, node.value, value)
    return value
