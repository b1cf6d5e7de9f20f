"""Making a program as small as a disagreement allows."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any


def shrink(source: str, wanted: Callable[[str], bool]) -> str:
    """Leave out statements and arguments while a program stays interesting.

    Args:
        source: The program.
        wanted: Whether a smaller program still shows what it shall show.

    Returns:
        The smallest program found.
    """
    start, tried = 0, 0
    while tried < len(changes := list(_changes(ast.parse(source)))):
        start %= len(changes)
        smaller = changes[start](ast.parse(source))
        if len(smaller) < len(source) and wanted(smaller):
            source, tried = smaller, 0
        else:
            start, tried = start + 1, tried + 1
    return source


def _changes(tree: ast.Module) -> Iterator[Callable[[ast.Module], str]]:
    for position, node in enumerate(ast.walk(tree)):
        for name in ("body", "orelse", "args", "keywords"):
            items = getattr(node, name, None)
            if isinstance(items, list):
                for index, item in enumerate(items):
                    yield partial(_drop, position, name, index)
                    if isinstance(item, (ast.If, ast.For, ast.AsyncWith)):
                        yield partial(_drop, position, name, index, unwrap=True)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Call)
        ):
            yield partial(_unchain, position)


def _drop(position: int, name: str, index: int, tree: ast.Module, *, unwrap: bool = False) -> str:
    """Leave out one item of a block or a call; unwrapped, its own block stays."""
    items = getattr(_at(tree, position), name)
    items[index : index + 1] = items[index].body if unwrap else []
    if not items and name == "body":
        items.append(ast.Pass())
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _unchain(position: int, tree: ast.Module) -> str:
    """Leave out one link of a chain of calls, as ``.options(...)``."""
    call = _at(tree, position)
    inner = call.func.value
    call.func, call.args, call.keywords = inner.func, inner.args, inner.keywords
    return ast.unparse(tree) + "\n"


def _at(tree: ast.Module, position: int) -> Any:
    return next(islice(ast.walk(tree), position, None))
