"""The proof that new source code is what a fix intends."""

from __future__ import annotations

import ast
import warnings
from collections import Counter

from flake8_async_sqla.fixes.text import Refused, Text
from flake8_async_sqla.fixes.units import Tree, statements_in
from flake8_async_sqla.fixes.unused import import_key


def parsed(text: Text) -> Tree:
    """Parse new source code.

    Raises:
        Refused: It is not valid Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Tree(ast.parse(text.code), text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refused(f"the new code would not parse: {error}") from None


def same(one: ast.AST, other: ast.AST, besides: tuple[type[ast.stmt], ...] = ()) -> bool:
    """Return whether two trees mean the same program.

    Args:
        one: A tree.
        other: A tree; positions do not count.
        besides: Statements that do not count.
    """
    pairs: list[tuple[object, object]] = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, ast.AST):
            pairs += [(getattr(left, field, None), getattr(right, field, None)) for field in left._fields]
        elif isinstance(left, list) and isinstance(right, list):
            if besides:
                left, right = _without(left, besides), _without(right, besides)
            if len(left) != len(right):
                return False
            pairs += zip(left, right, strict=True)
        elif left != right:
            return False
    return True


def _without(items: list[object], kinds: tuple[type[ast.stmt], ...]) -> list[object]:
    return [item for item in items if not isinstance(item, kinds)]


def imports(module: ast.Module) -> Counter[tuple[str, ...]]:
    """Count the names that a module imports."""
    return Counter(
        import_key(node, alias)
        for node in statements_in(module)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    )


def same_but_imports(one: ast.Module, other: ast.Module) -> bool:
    """Return whether two modules differ only in their imports, and in the ``pass`` that stands for a removed one."""
    return same(one, other, besides=(ast.Import, ast.ImportFrom, ast.Pass))
