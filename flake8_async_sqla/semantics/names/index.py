"""Where everything in a module's tree is, found piece by piece: the statements of a scope, then what is in them."""

from __future__ import annotations

import ast
import bisect
import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from flake8_async_sqla.semantics.files.fragments import Fragments, fragments
from flake8_async_sqla.semantics.files.source import parse
from flake8_async_sqla.semantics.names.binders import (
    BINDERS,
    FUNCTIONS,
    bind_parameters,
    method_owner,
)
from flake8_async_sqla.semantics.names.nodes import BLOCKS, INNER, Nodes
from flake8_async_sqla.semantics.names.scopes import Binding, Scope

_OPENERS = frozenset({*FUNCTIONS, ast.ClassDef})
_FOREIGN = re.compile(r"^[^#\n]*\b(?:global|nonlocal) ", re.MULTILINE)
if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_values

Statement = ast.stmt | ast.ExceptHandler


def _blocks(kind: type[ast.AST]) -> tuple[str, ...]:
    return tuple(name for name in reversed(BLOCKS) if name in kind._fields)


_NESTED = {
    kind: _blocks(kind)
    for base in (ast.stmt, ast.excepthandler)
    for kind in base.__subclasses__()
    if kind not in _OPENERS and _blocks(kind)
}


class Scopes(dict[ast.AST, Scope]):
    """Scope by the node that opens it; asking for all of them opens them."""

    def __init__(self, index: Index) -> None:
        """Start empty."""
        super().__init__()
        self._index = index

    def __missing__(self, node: ast.AST) -> Scope:
        """Go where a node is."""
        self._index.reach(node)
        if dict.__contains__(self, node):
            return dict.__getitem__(self, node)
        raise KeyError(node)

    def __contains__(self, node: object) -> bool:
        """Tell whether a node opens a scope."""
        return type(node) in _OPENERS or type(node) in INNER or isinstance(node, ast.Module)

    def __iter__(self) -> Iterator[ast.AST]:
        """Iterate over all openers."""
        self._index.complete()
        return super().__iter__()

    def values(self) -> dict_values[ast.AST, Scope]:
        """All scopes."""
        self._index.complete()
        return super().values()

    def items(self) -> dict_items[ast.AST, Scope]:
        """All scopes with their openers."""
        self._index.complete()
        return super().items()


class Index:
    """What is where in a module, parsed no further than somebody asks.

    Attributes:
        top: The module's scope.
        scopes: Scope by the node that opens it.
        owners: Scope of a statement, or of an exception handler.
        whole: Whether all of the file is parsed.
        parents: Parent by node, of the nodes that somebody asked for.
    """

    def __init__(self, text: str, tree: ast.Module | None = None, data: bytes | None = None) -> None:
        """Look at nothing but the text.

        Args:
            text: The module's text.
            tree: Its tree, if somebody has parsed it.
            data: What to parse instead of the text.
        """
        self._text, self._data = text, data
        self.whole = tree is not None
        self._eager = ("global " in text or "nonlocal " in text) and _FOREIGN.search(text) is not None
        walrus = text.split("\n") if ":=" in text else []
        self._walrus = [number for number, line in enumerate(walrus, 1) if ":=" in line]
        self.top = Scope("module", tree or ast.Module([], []), None, self)
        self.top.foreign = {}
        self.scopes = Scopes(self)
        self.scopes[self.top.node] = self.top
        self.owners: dict[ast.AST, Scope] = {}
        self._nodes = Nodes(self.scopes)
        self.parents = self._nodes.parents
        self._starts: dict[Scope, list[tuple[int, int]]] = {}
        self._opened = self._complete = False
        self._adopted: dict[int, _Adopted | None] = {}

    @functools.cached_property
    def _fragments(self) -> Fragments | None:
        return fragments(self._text) if self._data is None else None

    def tree(self) -> ast.Module:
        """Return the whole tree, which holds nothing if the file cannot be parsed."""
        if not self.whole:
            self.fill(parse(self._data or self._text) or ast.Module([], []))
        assert isinstance(self.top.node, ast.Module)
        return self.top.node

    def fill(self, tree: ast.Module) -> None:
        """Take the tree of the whole file, if there is none."""
        if not self.whole:
            self.whole = True
            if self._adopted and self._fragments is not None:
                self._fragments.splice(tree)
            self.top.node.body = tree.body  # type: ignore[attr-defined]
            self._starts.pop(self.top, None)

    def find(self, name: str) -> list[Binding] | None:
        """Find the bindings of a global name; the whole file need not be parsed for that."""
        if not self._opened and not self.whole and (adopted := self._adopt(name)) is not None:
            found = [binding for part in adopted for binding in part.names.get(name, ())]
            return found or None
        return self.top.names.get(name)

    def star_imports(self) -> list[str]:
        """List the modules of ``from module import *``."""
        if not self._opened and not self.whole and (adopted := self._adopt("*")) is not None:
            return [source for part in adopted for source in part.star_imports]
        return self.top.star_imports

    def _adopt(self, name: str) -> list[_Adopted] | None:
        """Parse what may bind a name; ``None`` if the whole file has to be parsed."""
        if self._fragments is None:
            return None
        found = []
        for number in self._fragments.may_bind(name):
            if number not in self._adopted:
                body = self._fragments.parse(number)
                self._adopted[number] = self._read(body) if body is not None else None
            if (part := self._adopted[number]) is None:
                return None
            found.append(part)
        return found

    def _read(self, body: list[ast.stmt]) -> _Adopted:
        top = self.top
        top.names, top.star_imports, top.statements, top.stored = {}, [], [], []
        self._take(top, body)
        found = _Adopted(top.names, top.star_imports, top.statements)
        del top.names, top.star_imports, top.statements, top.stored
        self._starts.pop(top, None)
        return found

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node around a node."""
        if node not in self.parents and node is not self.top.node:
            self.reach(node)
        return self.parents.get(node)

    def open(self, scope: Scope) -> None:
        """Find the statements of a scope, and what they bind."""
        if self._eager and scope is not self.top and not self._opened:
            self.open(self.top)
            return
        self._opened = True
        opener = self.tree() if scope is self.top else scope.node
        assert isinstance(opener, (ast.Module, ast.ClassDef, *FUNCTIONS))
        scope.names, scope.star_imports, scope.statements, scope.stored = {}, [], [], []
        if scope is not self.top:
            scope.foreign = {}
        if isinstance(opener, FUNCTIONS):
            bind_parameters(scope, opener.args)
        self._take(scope, opener.body)

    def _take(self, scope: Scope, body: list[ast.stmt]) -> None:
        parents, owners, statements = self._nodes.parents, self.owners, scope.statements
        stack: list[tuple[Statement, ast.AST]] = [(statement, scope.node) for statement in reversed(body)]
        while stack:
            statement, around = stack.pop()
            parents[statement] = around
            owners[statement] = scope
            statements.append(statement)
            kind = type(statement)
            if (binder := BINDERS.get(kind)) is not None:
                binder(statement, scope)
            if kind in _OPENERS:
                self._enter(statement, scope)
            elif (blocks := _NESTED.get(kind)) is not None:
                for block in blocks:
                    stack.extend((inner, statement) for inner in reversed(getattr(statement, block)))
            elif isinstance(statement, ast.Match):
                for case in reversed(statement.cases):
                    stack.extend((inner, case) for inner in reversed(case.body))
                self.expand(statement)
            if self._walrus and any(statement.lineno <= line <= (statement.end_lineno or 0) for line in self._walrus):
                self.expand(statement)

    def _enter(self, statement: ast.AST, scope: Scope) -> None:
        if not dict.__contains__(self.scopes, statement):
            kind = "class" if isinstance(statement, ast.ClassDef) else "function"
            self.scopes[statement] = Scope(kind, statement, scope, self)  # type: ignore[arg-type]
        if self._eager:
            self.open(self.scopes[statement])

    def expand(self, statement: ast.AST) -> None:
        """Find the nodes of a statement that are in no statement below it, and the names that it reads."""
        self._nodes.expand(statement, self.owners[statement])

    def gather(self, scope: Scope) -> None:
        """Find the nodes and reads of a scope."""
        scope.nodes, scope.loads = [], {}
        for statement in scope.statements:
            kept, loads = self._nodes.take(statement, scope)
            scope.nodes.extend(kept)
            for name in loads:
                scope.loads.setdefault(name.id, []).append(name)

    def gather_attributes(self, scope: Scope) -> None:
        """Find the bindings of ``self.x`` in the methods of a class."""
        found = scope._attributes = {}
        waiting = [scope]
        while waiting:
            current = waiting.pop()
            for holder, attribute, binding in current.stored:
                if method_owner(current, holder) is scope:
                    found.setdefault(attribute, []).append(binding)
            waiting.extend(self.scopes[item] for item in reversed(current.statements) if isinstance(item, FUNCTIONS))

    def complete(self) -> None:
        """Open every scope."""
        if self._complete:
            return
        self._complete = True
        waiting = [self.top]
        while waiting:
            for statement in waiting.pop().statements:
                self.expand(statement)
                if type(statement) in _OPENERS:
                    waiting.append(self.scopes[statement])
        ordered = sorted(dict.items(self.scopes), key=lambda item: _start(item[0]))
        self.scopes.clear()
        self.scopes.update(ordered)

    def reach(self, node: ast.AST) -> None:
        """Open what is around a node of the tree."""
        scope: Scope | None = self.top if hasattr(node, "lineno") else None
        while scope is not None and not self._complete:
            statements = self._statements(scope)
            if scope not in self._starts:
                self._starts[scope] = [_start(statement) for statement in statements]
            position = bisect.bisect_right(self._starts[scope], (node.lineno, node.col_offset)) - 1  # type: ignore[attr-defined]
            if position < 0:
                break
            statement = statements[position]
            self.expand(statement)
            if node in self._nodes.parents:
                return
            inner = dict.get(self.scopes, statement)
            if inner is None:
                for statement in statements:
                    self.expand(statement)
            scope = inner
        if node not in self._nodes.parents:
            self.complete()

    def _statements(self, scope: Scope) -> list[Statement]:
        if scope is not self.top or self.whole:
            return scope.statements
        parts = [part for _, part in sorted(self._adopted.items()) if part is not None]
        return [statement for part in parts for statement in part.statements]


class _Adopted(NamedTuple):
    """What a part of a file binds."""

    names: dict[str, list[Binding]]
    star_imports: list[str]
    statements: list[Statement]


def _start(node: ast.AST) -> tuple[int, int]:
    """Say where a node begins, decorators included."""
    decorators = getattr(node, "decorator_list", None)
    first = decorators[0] if decorators else node
    return getattr(first, "lineno", 0), getattr(first, "col_offset", 0) - bool(decorators)
