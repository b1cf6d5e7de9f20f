"""What is inside statements: the nodes that rules look at, what is around each, and the scopes they open."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.names.binders import (
    COMPREHENSIONS,
    bind_comprehension,
    bind_expression,
    bind_parameters,
)
from flake8_async_sqla.semantics.names.scopes import Scope

KEPT = frozenset(
    {
        ast.Call, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.Await, ast.Yield, ast.YieldFrom, ast.Return,
        ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Attribute,
        ast.Subscript, ast.Dict, ast.Lambda, ast.Expr, ast.Raise, ast.Delete, ast.ImportFrom, ast.ListComp, ast.SetComp,
        ast.DictComp, ast.GeneratorExp,
    }
)  # fmt: skip
INNER = frozenset({*COMPREHENSIONS, ast.Lambda})
BLOCKS = ("body", "handlers", "orelse", "finalbody")
_BINDING = frozenset({ast.NamedExpr, ast.MatchAs, ast.MatchStar})
_LEAVES = frozenset(
    {"arg", "asname", "attr", "ctx", "id", "is_async", "kind", "level", "op", "ops", "type_comment", "type_params"}
)
_TAKEN: tuple[list[ast.AST], list[ast.Name]] = ([], [])
_HEADERS: dict[type, tuple[str, ...]] = {}


def _header(kind: type[ast.AST]) -> tuple[str, ...]:
    """Name the fields of a node that are no blocks of statements and may hold nodes."""
    blocks = BLOCKS if issubclass(kind, (ast.stmt, ast.excepthandler, ast.match_case)) else ()
    found = tuple(name for name in kind._fields if name not in _LEAVES and name not in blocks)
    _HEADERS[kind] = found
    return found


class Nodes:
    """The nodes of one module, as far as somebody asked for them.

    Attributes:
        parents: Parent by node.
        scopes: Scope by the node that opens it.
    """

    __slots__ = ("_parts", "parents", "scopes")

    def __init__(self, scopes: dict[ast.AST, Scope]) -> None:
        """Start with no statement looked into."""
        self.scopes = scopes
        self.parents: dict[ast.AST, ast.AST] = {}
        self._parts: dict[ast.AST, tuple[list[ast.AST], list[ast.Name]]] = {}

    def expand(self, statement: ast.AST, scope: Scope) -> tuple[list[ast.AST], list[ast.Name]]:
        """Find the nodes of a statement that are in no statement below it.

        Returns:
            Those of the kinds that `KEPT` lists, and the names read; lambdas and comprehensions have their own.
        """
        if (known := self._parts.get(statement)) is not None:
            return known
        found: tuple[list[ast.AST], list[ast.Name]] = ([], [])
        self._parts[statement] = found
        inner: list[tuple[list[ast.AST], Scope]] = []
        self._walk([statement], scope, *found, inner)
        while inner:
            roots, opened = inner.pop()
            loads: list[ast.Name] = []
            self._walk(roots, opened, opened.nodes, loads, inner)
            for name in loads:
                opened.loads.setdefault(name.id, []).append(name)
        return found

    def take(self, statement: ast.AST, scope: Scope) -> tuple[list[ast.AST], list[ast.Name]]:
        """Find what `expand` does, which nobody asks for again."""
        found = self.expand(statement, scope)
        self._parts[statement] = _TAKEN
        return found

    def _walk(
        self,
        stack: list[ast.AST],
        scope: Scope,
        kept: list[ast.AST],
        loads: list[ast.Name],
        inner: list[tuple[list[ast.AST], Scope]],
    ) -> None:
        parents = self.parents
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind in KEPT:
                kept.append(node)
            if kind is ast.Name:
                if type(node.ctx) is ast.Load:  # type: ignore[attr-defined]
                    loads.append(node)  # type: ignore[arg-type]
                continue
            if kind in INNER:
                self._cross(node, scope, stack, inner)
                continue
            if kind in _BINDING:
                bind_expression(scope, node)
            base = len(stack)
            for name in _HEADERS.get(kind) or _header(kind):
                child = getattr(node, name)
                for item in child if type(child) is list else (child,):
                    found = type(item)
                    if found is ast.Name:
                        parents[item] = node
                        if type(item.ctx) is ast.Load:
                            loads.append(item)
                    elif found is ast.Constant:
                        parents[item] = node
                    elif isinstance(item, ast.AST):
                        parents[item] = node
                        stack.append(item)
            if len(stack) - base > 1:
                stack[base:] = stack[base:][::-1]

    def _cross(
        self, node: ast.AST, scope: Scope, stack: list[ast.AST], inner: list[tuple[list[ast.AST], Scope]]
    ) -> None:
        """Open the scope of a lambda or comprehension; what is evaluated outside of it stays on the stack."""
        parents = self.parents
        opened = Scope("lambda" if isinstance(node, ast.Lambda) else "comprehension", node, scope, scope.index)
        opened.names, opened.foreign, opened.star_imports = {}, {}, []
        opened.statements, opened.stored, opened.nodes, opened.loads = [], [], [], {}
        self.scopes[node] = opened
        if isinstance(node, ast.Lambda):
            bind_parameters(opened, node.args)
            parents[node.args] = parents[node.body] = node
            stack.append(node.args)
            inner.append(([node.body], opened))
            return
        assert isinstance(node, COMPREHENSIONS)
        bind_comprehension(opened, node)
        first = node.generators[0]
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for child in (*node.generators, *values):
            parents[child] = node
        for child in (first.iter, first.target, *first.ifs):
            parents[child] = first
        stack.append(first.iter)
        inner.append(([*reversed(values), *reversed(node.generators[1:]), first.target, *reversed(first.ifs)], opened))


def parts(node: ast.expr) -> list[ast.expr]:
    """List the items of a tuple; anything else is its own only part: ``list[int]`` and ``dict[str, int]``."""
    return node.elts if isinstance(node, ast.Tuple) else [node]


def uncalled(node: ast.expr) -> ast.expr:
    """Return what a call calls, or else the node itself: ``task`` of ``@task(retries=2)`` and of ``@task``."""
    return node.func if isinstance(node, ast.Call) else node


def last_name(node: ast.expr) -> str:
    """Return the last name of what is called: ``c`` of ``a.b.c``, ``a.b[T].c`` and ``a.c()``."""
    while not isinstance(node, (ast.Attribute, ast.Name)):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return ""
    return node.attr if isinstance(node, ast.Attribute) else node.id
