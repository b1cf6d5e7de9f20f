"""One module of the project: what rules ask their questions of."""

from __future__ import annotations

import ast
import functools
import os
from collections.abc import Callable, Iterator
from typing import TypeVar

from flake8_async_sqla.semantics.files import watching
from flake8_async_sqla.semantics.files.project import Project
from flake8_async_sqla.semantics.names.binders import COMPREHENSIONS
from flake8_async_sqla.semantics.names.index import Index
from flake8_async_sqla.semantics.names.nodes import INNER
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import UNKNOWN, Function, Origin, ProjectClass, Type

MAX_CHAIN = 16
_LINKS = frozenset({ast.Attribute, ast.Call, ast.Await, ast.Subscript})
Result = TypeVar("Result")


class Module:
    """A module of the project: its text, and what was parsed of it so far.

    Attributes:
        project: The project it belongs to.
        path: Absolute path of its file.
        text: Its text.
        index: What is where in it.
        asks: Whether ``isinstance()`` is called in it.
    """

    def __init__(
        self, project: Project, path: str, text: str, tree: ast.Module | None = None, data: bytes | None = None
    ) -> None:
        """Hold the text.

        Args:
            project: The project.
            path: Absolute path of the file.
            text: What it holds.
            tree: Its tree, if somebody has parsed it.
            data: The file as it is stored, where the text alone does not do.
        """
        self.project = project
        self.path = path
        self.text = text
        self.index = Index(text, tree, data)
        self.asks = "isinstance(" in text
        self._types: dict[ast.expr, Type] = {}
        self._scopes: dict[ast.AST, Scope] = {}
        self._results: dict[object, Type] = {}
        self.globals: dict[object, Type] = {}
        self.lineages: dict[ast.ClassDef, list[ProjectClass | str]] = {}
        self.parameters: dict[ast.AST, Type] = {}
        self.names: dict[tuple[Scope, str], Type] = {}
        self.promises: dict[Scope, dict[str, bool]] = {}
        self._caches: dict[object, object] = {}

    def __hash__(self) -> int:
        """Hash by file."""
        return hash(self.path)

    def __eq__(self, other: object) -> bool:
        """Two modules are the same when they stand for the same file."""
        return isinstance(other, Module) and other.path == self.path

    def __repr__(self) -> str:
        """Name the file."""
        return f"Module({self.relative_path!r})"

    @property
    def tree(self) -> ast.Module:
        """Its tree, which holds nothing if the file cannot be parsed."""
        return self.index.tree()

    def shares(self, tree: ast.Module) -> bool:
        """Tell whether the nodes of a tree of the same text are those of this module, or can become them."""
        return not self.index.whole or tree.body is self.tree.body

    @functools.cached_property
    def lines(self) -> list[str]:
        """Its lines, with line ends."""
        return self.text.splitlines(keepends=True)

    @functools.cached_property
    def relative_path(self) -> str:
        """Path below the project root, with forward slashes, for messages."""
        return os.path.relpath(self.path, self.project.root).replace(os.sep, "/")

    def scope_of(self, node: ast.AST) -> Scope:
        """Return the scope in which a node is evaluated."""
        if (known := self._scopes.get(node)) is not None:
            return known
        index, parents, owners = self.index, self.index.parents, self.index.owners
        child, below = node, None
        while True:
            parent = parents.get(child) or index.parent(child)
            if parent is None:
                found = index.top
                break
            if (owner := owners.get(child)) is not None:
                found = owner
                break
            if type(parent) in INNER and _evaluated_inside(parent, child, below):
                found = index.scopes[parent]
                break
            below, child = child, parent
        self._scopes[node] = found
        return found

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around a node, innermost first."""
        parents, parent = self.index.parents, self.index.parent
        current = parent(node)
        while current is not None:
            yield current
            current = parents.get(current) or parent(current)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node directly around a node."""
        return self.index.parents.get(node) or self.index.parent(node)

    def reads(self, name: str) -> list[ast.Name]:
        """List the places that read a name, whatever it means there."""

        def collect() -> dict[str, list[ast.Name]]:
            found: dict[str, list[ast.Name]] = {}
            for scope in self.index.scopes.values():
                for read, uses in scope.loads.items():
                    found.setdefault(read, []).extend(uses)
            return found

        return self.cached("reads", collect).get(name, [])

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement that holds a node (the node itself, if it is one)."""
        current: ast.AST | None = node
        while not isinstance(current, ast.stmt):
            assert current is not None
            current = self.index.parent(current)
        return current

    def function(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """Return the function in whose body a node is evaluated; lambdas hide it."""
        scope: Scope | None = self.scope_of(node)
        while scope is not None and scope.kind == "comprehension":
            scope = scope.parent
        if scope is not None and isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return scope.node
        return None

    def type_of(self, node: ast.expr | None) -> Type:
        """Infer the type of an expression; `UNKNOWN` if in doubt."""
        if node is None:
            return UNKNOWN
        if (known := self._types.get(node)) is not None:
            return known
        from flake8_async_sqla.semantics.inference.infer import infer

        solve = self.project.solve
        if type(node) in _LINKS and len(chain := _chain(node)) > MAX_CHAIN:
            for part in reversed(chain):
                solve(part, self._types, functools.partial(infer, self, part), UNKNOWN, self.path)
        return solve(node, self._types, functools.partial(infer, self, node), UNKNOWN, self.path)

    def adopt(self, node: ast.expr, kind: Type) -> None:
        """Give a node that stands for an expression of another module the type which that one has there."""
        self._types[node] = kind

    def result_of(self, function: Function) -> Type:
        """Infer what a call of a function of this module gives."""
        from flake8_async_sqla.semantics.inference.functions import result

        if function.receiver is not None:
            return result(function)
        key = ("result", function.node)
        return self.project.solve(key, self._results, lambda: result(function), UNKNOWN, self.path)

    def origin(self, call: ast.Call) -> Origin:
        """Return the identity of what a call makes."""
        return Origin(self.path, call.lineno, call.col_offset, self, call)

    def cached(self, key: object, compute: Callable[[], Result], owner: watching.Need | None = None) -> Result:
        """Keep something computed about this module.

        Args:
            key: The caller's key.
            compute: Computes it.
            owner: Whom a `watching.Record` shall hold to be its keeper; the module, if left out.
        """
        try:
            return self._caches[key]  # type: ignore[return-value]
        except KeyError:
            pass
        if watching.record is None:
            result = compute()
        else:
            with watching.kept_for(owner or self.path):
                result = compute()
        self._caches[key] = result
        return result


def _chain(node: ast.expr) -> list[ast.expr]:
    """List what the last link of ``a.b().c`` hangs on, outermost first: long chains are inferred from their start."""
    chain: list[ast.expr] = []
    while (kind := type(node)) in _LINKS:
        node = node.func if kind is ast.Call else node.value  # type: ignore[attr-defined]
        chain.append(node)
    return chain


def _evaluated_inside(opener: ast.AST, child: ast.AST, below: ast.AST | None) -> bool:
    if isinstance(opener, ast.Lambda):
        return child is opener.body
    assert isinstance(opener, COMPREHENSIONS)
    first = opener.generators[0]
    return not (child is first and below is first.iter)
