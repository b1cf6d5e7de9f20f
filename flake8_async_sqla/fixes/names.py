"""The name under which a module reaches an object, now or after one more import."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

from flake8_async_sqla.fixes.scopes import Binding, is_scope
from flake8_async_sqla.fixes.text import Refused
from flake8_async_sqla.fixes.units import Tree


@dataclass(frozen=True, slots=True)
class Need:
    """An import that the module lacks.

    Attributes:
        module: Dotted path of the module.
        name: The object to import from it; empty for ``import module``.
    """

    module: str
    name: str = ""


class Names:
    """The names of one module.

    Attributes:
        needs: The imports that the names handed out so far ask for.
    """

    def __init__(self, tree: Tree) -> None:
        """Look at a module."""
        self._tree = tree
        self._imported: dict[ast.AST, dict[str, list[Binding]]] = {}
        self.needs: dict[Need, None] = {}

    def name_at(self, symbol: str, node: ast.AST) -> str:
        """Return the expression that reaches an object where a node stands.

        Args:
            symbol: Dotted path of an importable object; a name without a dot is a module.
            node: A node of the module.

        Raises:
            Refused: The module uses every suitable name for something else.
        """
        around = self._enclosing(node)
        scopes = [self._tree.bindings(scope) for scope in around]
        found = [
            name
            for depth, scope in enumerate(around)
            for name in self._reaching(symbol, node, self._imported_in(scope), scopes[:depth])
        ]
        if found:
            return min(found, key=lambda name: name.count("."))
        module, _, name = symbol.rpartition(".")
        if not self._is_taken(name, symbol, scopes):
            self.needs[Need(module, name) if module else Need(name)] = None
            return name
        root = module.partition(".")[0]
        plain = all(binding.plain and binding.runtime for scope in scopes for binding in scope.get(root, ()))
        if not module or not plain or self._is_foreign(root):
            raise Refused(f"the name {name} is taken by something else")
        self.needs[Need(module)] = None
        return symbol

    def _enclosing(self, node: ast.AST) -> list[ast.AST]:
        """Return the scopes around a node, innermost first."""
        found: list[ast.AST] = []
        inner = True
        while node in self._tree.parent:
            node = self._tree.parent[node]
            if is_scope(node) and (inner or not isinstance(node, ast.ClassDef)):
                inner = False
                found.append(node)
        return found

    def _imported_in(self, scope: ast.AST) -> dict[str, list[Binding]]:
        """Return the names that imports of a scope bind, if nothing else binds them too."""
        if scope not in self._imported:
            self._imported[scope] = {
                name: bound
                for name, bound in self._tree.bindings(scope).items()
                if bound[0].symbol and len({binding.symbol for binding in bound}) == 1
            }
        return self._imported[scope]

    def _reaching(
        self, symbol: str, node: ast.AST, imported: dict[str, list[Binding]], inner: list[dict[str, list[Binding]]]
    ) -> list[str]:
        module, _, last = symbol.rpartition(".")
        found = []
        for name, bound in imported.items():
            if any(name in scope for scope in inner):
                continue
            for binding in bound:
                if not self._is_there(binding, node):
                    continue
                if binding.symbol == symbol and not (binding.plain and module):
                    found.append(name)
                elif module and (binding.plain == module or (binding.symbol == module and not binding.plain)):
                    found.append(f"{module if binding.plain else name}.{last}")
        return found

    def _is_there(self, binding: Binding, node: ast.AST) -> bool:
        if not binding.runtime:
            return self._is_postponed(node)
        function = _function(self._tree, node)
        if function is not None and function is not _function(self._tree, binding.node):
            return True
        line = getattr(binding.node, "end_lineno", 0)
        return bool(line < getattr(node, "lineno", 0))

    def _is_postponed(self, node: ast.AST) -> bool:
        """Return whether a node is part of an annotation that is not evaluated."""
        future = any(
            isinstance(statement, ast.ImportFrom)
            and statement.module == "__future__"
            and any(alias.name == "annotations" for alias in statement.names)
            for statement in self._tree.module.body
        )
        while future and node in self._tree.parent:
            parent = self._tree.parent[node]
            if node in (getattr(parent, "annotation", None), getattr(parent, "returns", None)):
                return True
            node = parent
        return False

    def _is_taken(self, name: str, symbol: str, scopes: list[dict[str, list[Binding]]]) -> bool:
        bound = [binding for scope in scopes for binding in scope.get(name, ())]
        return self._is_foreign(name) or any(binding.symbol != symbol for binding in bound)

    def _is_foreign(self, name: str) -> bool:
        """Return whether a name is a builtin, or used without being bound beside a star import."""
        if hasattr(builtins, name):
            return True
        bound = self._tree.bindings(self._tree.module)
        return "*" in bound and name not in bound and name in self._tree.names


def _function(tree: Tree, node: ast.AST) -> ast.AST | None:
    """Return the function whose body holds a node: its code runs after the module's imports."""
    while node in tree.parent:
        node, child = tree.parent[node], node
        body = getattr(node, "body", ())
        if isinstance(node, ast.Lambda) or (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and child in body
        ):
            return node
    return None
