"""Comparisons: what the classes of the compared objects say about them runs."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.expressions.members import special
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import PLAIN, Object, Value

_METHODS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Eq: ("__eq__",),
    ast.NotEq: ("__ne__", "__eq__"),
    ast.Lt: ("__lt__",),
    ast.LtE: ("__le__", "__lt__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__lt__"),
}


def compare(frame: Frame, state: State, node: ast.Compare) -> Value:
    """Evaluate a comparison."""
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    left = value_of(frame, state, node.left)
    for operator, part in zip(node.ops, node.comparators, strict=True):
        right = value_of(frame, state, part)
        if isinstance(operator, (ast.In, ast.NotIn)):
            special(frame, state, node, right, "__contains__", given=(left,))
        elif names := _METHODS.get(type(operator)):
            special(frame, state, node, left, *names, given=(right,))
        left = right
    return PLAIN


def ordered(frame: Frame, state: State, node: ast.expr, item: Value) -> None:
    """Compare the items of a collection, as ``sorted()`` does."""
    if isinstance(item, Object):
        special(frame, state, node, item, "__lt__", "__gt__", given=(item,))
