"""Scopes and bindings of one module, collected in one walk over its tree."""

from __future__ import annotations

import ast
from typing import Literal, NamedTuple, TypeAlias

BindingKind: TypeAlias = Literal[
    "import", "value", "annotation", "parameter", "with", "async with", "for", "async for", "function", "class", "other"
]
ScopeKind: TypeAlias = Literal["module", "function", "class", "lambda", "comprehension"]


class Binding(NamedTuple):
    """One place that gives a name its value.

    Attributes:
        kind: How the name is bound.
        node: The statement, argument or ``withitem`` that binds.
        value: The expression bound, iterated or entered; the default of a parameter.
        annotation: The annotation, if there is one.
        unpack: Positions to take out of the value, outermost first (``a, (b, c) = value``).
        target: The dotted path an import binds.
    """

    kind: BindingKind
    node: ast.AST
    value: ast.expr | None = None
    annotation: ast.expr | None = None
    unpack: tuple[int, ...] = ()
    target: str = ""


class Scope:
    """A namespace: a module, class, function, lambda or comprehension."""

    __slots__ = ("attributes", "foreign", "kind", "loads", "names", "node", "nodes", "parent", "star_imports")

    def __init__(self, kind: ScopeKind, node: ast.AST, parent: Scope | None) -> None:
        """Open an empty scope."""
        self.kind = kind
        self.node = node
        self.parent = parent
        self.names: dict[str, list[Binding]] = {}
        self.attributes: dict[str, list[Binding]] = {}
        self.loads: dict[str, list[ast.Name]] = {}
        self.nodes: list[ast.AST] = []
        self.foreign: dict[str, Scope] = {}
        self.star_imports: list[str] = []

    @property
    def module(self) -> Scope:
        """The module's own scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def lookup(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Find the scope that holds a name, as Python does (class bodies are not seen from inside methods)."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            if scope.kind != "class" or first:
                if (foreign := scope.foreign.get(name)) is not None:
                    scope = foreign
                if (bindings := scope.names.get(name)) is not None:
                    return scope, bindings
            first = False
            scope = scope.parent
        return None
