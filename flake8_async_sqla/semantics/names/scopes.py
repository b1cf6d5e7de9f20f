"""Scopes and bindings of one module, each filled when it is first asked."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from flake8_async_sqla.semantics.names.index import Index

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
    """A namespace: a module, class, function, lambda or comprehension.

    Attributes:
        index: What fills it.
        kind: What opens it.
        node: The node that opens it.
        parent: The scope around it.
        names: Bindings by name.
        foreign: Scope that a ``global`` or ``nonlocal`` name belongs to.
        star_imports: Modules of ``from module import *``.
        statements: Its statements and exception handlers, in the order of the source, those of inner scopes aside.
        stored: Assignments to attributes: the name that holds the object, the attribute and the binding.
        nodes: Its nodes of the kinds that `KEPT` lists.
        loads: Reads by name.
    """

    __slots__ = (
        "_attributes", "foreign", "index", "kind", "loads", "names", "node", "nodes", "parent", "star_imports",
        "statements", "stored",
    )  # fmt: skip

    names: dict[str, list[Binding]]
    foreign: dict[str, Scope]
    star_imports: list[str]
    statements: list[ast.stmt | ast.ExceptHandler]
    stored: list[tuple[str, str, Binding]]
    nodes: list[ast.AST]
    loads: dict[str, list[ast.Name]]
    _attributes: dict[str, list[Binding]]

    def __init__(self, kind: ScopeKind, node: ast.AST, parent: Scope | None, index: Index) -> None:
        """Make a scope that nothing has looked into."""
        self.kind = kind
        self.node = node
        self.parent = parent
        self.index = index

    def __getattr__(self, name: str) -> Any:
        """Fill what is asked for the first time."""
        if name in ("nodes", "loads"):
            self.index.gather(self)
        elif name == "_attributes":
            self.index.gather_attributes(self)
        elif name in Scope.__slots__:
            self.index.open(self)
        return object.__getattribute__(self, name)

    @property
    def attributes(self) -> dict[str, list[Binding]]:
        """Bindings of ``self.x`` in any method of a class, by attribute."""
        return self._attributes

    @property
    def module(self) -> Scope:
        """The module's own scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def find(self, name: str) -> list[Binding] | None:
        """Find the bindings of a name in this very scope."""
        return self.index.find(name) if self.parent is None else self.names.get(name)

    def lookup(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Find the scope that holds a name, as Python does (class bodies are not seen from inside methods)."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            if first or scope.kind != "class":
                bindings = scope.names.get(name) if scope.parent is not None else scope.index.find(name)
                if scope.foreign and (foreign := scope.foreign.get(name)) is not None:
                    scope = foreign
                    bindings = scope.find(name)
                if bindings is not None:
                    return scope, bindings
            first = False
            scope = scope.parent
        return None
