"""Which of two places of a function runs first, and whether both do."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import NamedTuple

from flake8_async_sqla.semantics.module import Module

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_STRAIGHT = (ast.With, ast.AsyncWith, ast.Try)
_LEAVES = (ast.Return, ast.Raise, ast.Break)


class Step(NamedTuple):
    """A block on the way from a node up to its function, and the child of it that holds the node."""

    parent: ast.AST
    field: str
    child: ast.AST


def path(module: Module, node: ast.AST) -> Iterator[Step]:
    """Yield the blocks around a node, innermost first, up to its function's own."""
    child = node
    for parent in module.ancestors(node):
        for name in _BLOCKS:
            block = getattr(parent, name, None)
            if block is child or (isinstance(block, list) and child in block):
                yield Step(parent, name, child)
        if isinstance(parent, _FUNCTIONS):
            return
        child = parent


def exclusive(module: Module, first: ast.AST, second: ast.AST) -> bool:
    """Tell whether two nodes stand in different branches of one statement or expression."""
    others = {id(step.parent): step for step in path(module, second)}
    for step in path(module, first):
        other = others.get(id(step.parent))
        if other is not None:
            if other.field != step.field:
                return isinstance(step.parent, (ast.If, ast.IfExp, ast.Try))
            return (
                isinstance(step.parent, (ast.Match, ast.Try))
                and other.child is not step.child
                and (step.field in ("cases", "handlers"))
            )
    return False


def follows(module: Module, first: ast.AST, second: ast.AST) -> bool:
    """Tell whether ``second`` may run after ``first``, with ``first`` certainly run by then."""
    others = {(id(step.parent), step.field): step for step in path(module, second)}
    for step in path(module, first):
        other = others.get((id(step.parent), step.field))
        if other is not None:
            block = getattr(step.parent, step.field)
            if not isinstance(block, list) or isinstance(step.parent, ast.Match):
                return False
            return block.index(step.child) <= block.index(other.child)
        if not isinstance(step.parent, _STRAIGHT) or step.field == "handlers" or leaves(step):
            return False
    return False


def leaves(step: Step) -> bool:
    """Tell whether the block of a step ends by leaving the loop or function."""
    block = getattr(step.parent, step.field, None)
    return isinstance(block, list) and isinstance(block[-1], _LEAVES)


def mentions(node: ast.AST, names: Collection[str]) -> bool:
    """Tell whether a node reads one of some names."""
    return any(isinstance(inner, ast.Name) and inner.id in names for inner in ast.walk(node))


def waits_for(module: Module, node: ast.AST, names: Collection[str], *, within: ast.AST) -> bool:
    """Tell whether a statement of a loop's body waits for what one of some names holds, each time round.

    Args:
        module: The module.
        node: A node of the loop's body; statements that hold it count too.
        names: Names of tasks and of collections of them; without any, every ``await`` counts.
        within: The loop.
    """
    for step in path(module, node) if isinstance(within, ast.stmt) else ():
        if isinstance(step.child, ast.stmt):
            block = getattr(step.parent, step.field)
            for statement in block if isinstance(block, list) else ():
                if _waiting(statement, names):
                    return True
        if step.parent is within or not isinstance(step.parent, _STRAIGHT):
            return False
    return False


def _waiting(statement: ast.stmt, names: Collection[str]) -> bool:
    if isinstance(statement, (ast.If, ast.Match)):
        return False
    awaits = any(isinstance(inner, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for inner in ast.walk(statement))
    return awaits and (not names or mentions(statement, names))
