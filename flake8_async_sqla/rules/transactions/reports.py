"""What the rules of this family report, told in one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.transactions.actions import ACTIONS, Problem
from flake8_async_sqla.semantics.transactions.problems import walks
from flake8_async_sqla.semantics.transactions.states import Place
from flake8_async_sqla.semantics.transactions.walk import Found, Walk


def found(module: Module, *problems: Problem) -> Iterator[Found]:
    """Yield what SQLAlchemy refuses, each place once."""
    told: set[tuple[ast.AST, ast.AST]] = set()
    for walk in walks(module):
        for item in walk.found:
            if item.problem in problems and (item.at, item.because.site) not in told:
                told.add((item.at, item.because.site))
                yield item


def lost(walk: Walk, *, resource: str) -> list[ast.AST]:
    """List where changes are made that no commit follows, one place for each session or connection."""
    places: dict[object, ast.AST] = {}
    for write, (key, _) in walk.lost.items():
        if write not in walk.committed and key not in walk.leaked and walk.kinds.get(key) == resource:
            places.setdefault(key, write.place.site)
    return list(places.values())


def told(node: ast.AST) -> str:
    """Name the call or block of a place."""
    if isinstance(node, ast.ExceptHandler):
        return "the handler"
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return f"setting '{ast.unparse(node)}'"
    call = node.value if isinstance(node, ast.Await) else node
    func = call.func if isinstance(call, ast.Call) else call
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return f"{name}()" if name else "the block"


def where(module: Module, place: Place) -> str:
    """Say what happened at a place, and in which line."""
    line = getattr(place.site, "lineno", 0)
    if place.node is place.site:
        return f"{told(place.node)} in line {line}"
    inner = f"{place.module.relative_path}:" if place.module != module else "line "
    return f"{told(place.site)} in line {line} ({told(place.node)}, {inner}{getattr(place.node, 'lineno', 0)})"


def is_action(node: ast.AST, *names: str) -> bool:
    """Tell whether a node calls a session's method of one of some names."""
    func = node.func if isinstance(node, ast.Call) else None
    return isinstance(func, ast.Attribute) and func.attr in (names or ACTIONS)
