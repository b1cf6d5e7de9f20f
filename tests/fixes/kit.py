from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TypeVar

from flake8_async_sqla.fixes.apply import Applied, apply
from flake8_async_sqla.fixes.vocabulary import Edit, Fix

Node = TypeVar("Node", bound=ast.AST)


class Source:
    """A module under test, whose nodes are found by their own code."""

    def __init__(self, source: str | bytes) -> None:
        self.bytes = source.encode() if isinstance(source, str) else source
        self.tree = ast.parse(self.bytes)

    def expr(self, code: str, number: int = 0) -> ast.expr:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.expr) and ast.unparse(node) == code][
            number
        ]

    def call(self, function: str) -> ast.Call:
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        return next(call for call in calls if ast.unparse(call.func) == function)

    def first(self, kind: type[Node], number: int = 0) -> Node:
        return [node for node in ast.walk(self.tree) if isinstance(node, kind)][number]

    def apply(self, *fixes: Fix) -> Applied:
        return apply(self.bytes, self.tree, fixes)


Make = Callable[[Source], Edit | Sequence[Edit]]


def outcome(source: str | bytes, make: Make) -> Applied:
    """Apply one fix to a source."""
    module = Source(source)
    edits = make(module)
    return module.apply(Fix(tuple(edits) if isinstance(edits, Sequence) else (edits,)))


def fixed(source: str, make: Make) -> str:
    """Return the source with one fix applied, and fail when it is refused."""
    done = outcome(source, make)
    assert done.applied == (0,), done.refused
    return done.source.decode()


def refusal(source: str | bytes, make: Make) -> str:
    """Return why one fix is refused, and fail when it is not, or when the source changed."""
    done = outcome(source, make)
    assert done.applied == ()
    assert done.source == (source.encode() if isinstance(source, str) else source)
    return done.refused[0]
