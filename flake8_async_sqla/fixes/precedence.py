"""Where an expression needs parentheses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import libcst as cst

_Expression = TypeVar("_Expression", bound=cst.BaseExpression)

_NEVER, _BARE, _TERNARY, _OR, _AND, _NOT, _COMPARISON = range(7)
_BIT_OR, _BIT_XOR, _BIT_AND, _SHIFT, _SUM, _TERM, _FACTOR, _POWER, _AWAIT, _PRIMARY = range(7, 17)

_BINARY: dict[type[cst.BaseBinaryOp], int] = {
    cst.BitOr: _BIT_OR,
    cst.BitXor: _BIT_XOR,
    cst.BitAnd: _BIT_AND,
    cst.LeftShift: _SHIFT,
    cst.RightShift: _SHIFT,
    cst.Add: _SUM,
    cst.Subtract: _SUM,
    cst.Power: _POWER,
}


def parenthesized(node: _Expression) -> _Expression:
    """Return a node in parentheses of its own."""
    return node.with_changes(lpar=[cst.LeftParen(), *node.lpar], rpar=[*node.rpar, cst.RightParen()])


def bare(node: _Expression) -> _Expression:
    """Return a node without the parentheses around it; a tuple and a generator keep their own."""
    keep = 1 if isinstance(node, (cst.Tuple, cst.GeneratorExp)) else 0
    return node.with_changes(lpar=node.lpar[len(node.lpar) - keep :], rpar=node.rpar[:keep])


def fitted(node: _Expression, parents: Sequence[cst.CSTNode], place: cst.CSTNode) -> _Expression:
    """Return a node as it can stand where ``place`` stands.

    Args:
        node: The new expression.
        parents: The ancestors of ``place``, outermost first.
        place: The expression of the parsed code that ``node`` replaces.
    """
    return parenthesized(node) if level(node) < wanted(parents, place) else node


def level(node: cst.BaseExpression) -> int:
    """Return how tightly an expression holds together."""
    if node.lpar:
        return _PRIMARY
    match node:
        case cst.Tuple() | cst.Yield():
            return _BARE
        case cst.NamedExpr():
            return _NEVER
        case cst.IfExp() | cst.Lambda():
            return _TERNARY
        case cst.BooleanOperation(operator=cst.Or()):
            return _OR
        case cst.BooleanOperation():
            return _AND
        case cst.UnaryOperation(operator=cst.Not()):
            return _NOT
        case cst.Comparison():
            return _COMPARISON
        case cst.BinaryOperation(operator=operator):
            return _BINARY.get(type(operator), _TERM)
        case cst.UnaryOperation():
            return _FACTOR
        case cst.Await():
            return _AWAIT
        case cst.Integer():
            return _AWAIT
    return _PRIMARY


def wanted(parents: Sequence[cst.CSTNode], place: cst.CSTNode) -> int:
    """Return the level that an expression needs in order to stand, without parentheses, where ``place`` stands."""
    parent = parents[-1]
    match parent:
        case cst.Attribute() | cst.Await():
            return _PRIMARY
        case cst.Call(func=func) if func is place:
            return _PRIMARY
        case cst.Subscript(value=value) if value is place:
            return _PRIMARY
        case cst.BinaryOperation(left=left, operator=operator):
            own = _BINARY.get(type(operator), _TERM)
            if own == _POWER:
                return _AWAIT if left is place else _FACTOR
            return own if left is place else own + 1
        case cst.UnaryOperation(operator=operator):
            return _NOT if isinstance(operator, cst.Not) else _FACTOR
        case cst.Comparison() | cst.ComparisonTarget():
            return _BIT_OR
        case cst.BooleanOperation(left=left, operator=operator):
            own = _OR if isinstance(operator, cst.Or) else _AND
            return own if left is place else own + 1
        case cst.IfExp(orelse=orelse):
            return _TERNARY if orelse is place else _OR
        case cst.CompFor(iter=iterable):
            return _OR if iterable is place else _BIT_OR
        case cst.CompIf():
            return _OR
        case cst.StarredElement() | cst.StarredDictElement():
            return _BIT_OR
        case cst.FormattedStringExpression():
            return _OR
        case cst.Expr() | cst.Assign() | cst.AnnAssign() | cst.AugAssign() | cst.Return():
            return _BARE
    return _TERNARY
