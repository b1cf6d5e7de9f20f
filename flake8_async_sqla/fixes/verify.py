"""The proof that new source code is what a fix intends."""

from __future__ import annotations

import ast
import warnings
from collections import Counter

from flake8_async_sqla.fixes.intended import copied
from flake8_async_sqla.fixes.text import Refused, Text
from flake8_async_sqla.fixes.units import Tree
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


def same(tree: ast.AST, intended: ast.AST) -> bool:
    """Return whether two trees mean the same program."""
    return ast.dump(tree) == ast.dump(intended)


def imports(module: ast.Module) -> Counter[tuple[str, ...]]:
    """Count the names that a module imports."""
    return Counter(
        import_key(node, alias)
        for node in ast.walk(module)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    )


def same_but_imports(one: ast.Module, other: ast.Module) -> bool:
    """Return whether two modules differ only in their imports, and in the ``pass`` that stands for a removed one."""
    return _without_imports(one) == _without_imports(other)


def _without_imports(module: ast.Module) -> str:
    return ast.dump(_Without().generic_visit(copied(module)))


class _Without(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST | None:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
            return None
        return self.generic_visit(node)
