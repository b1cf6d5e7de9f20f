"""Where queries are kept on their way from ``query()`` to what executes them: variables, parameters, results."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.project import home
from flake8_async_sqla.migrate.queries.chain import Chain
from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding, Scope
from flake8_async_sqla.semantics.types import Function


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable or parameter of a function.

    Attributes:
        module: Its module.
        scope: The function.
        name: The variable.
    """

    module: Module
    scope: Scope
    name: str

    @property
    def bindings(self) -> list[Binding]:
        """What binds it."""
        return self.scope.names[self.name]

    @property
    def parameter(self) -> ast.arg | None:
        """The parameter, where it is one."""
        return next((found.node for found in self.bindings if isinstance(found.node, ast.arg)), None)


@dataclass(frozen=True, slots=True)
class Result:
    """What a function returns."""

    function: Function


@dataclass(frozen=True, slots=True)
class Choice:
    """A conditional expression."""

    module: Module
    node: ast.IfExp


Place = Variable | Result | Choice


@dataclass(frozen=True, slots=True)
class Flow:
    """A query as one expression goes on with it.

    Attributes:
        source: Where it comes from; None for a call of ``query()``.
        chain: The expression.
        target: Where it goes; None where it is executed or only compared with ``None``.
        harmless: Whether nothing is done with it.
    """

    source: Place | None
    chain: Chain
    target: Place | None = None
    harmless: bool = False


class Lost(Exception):
    """A query goes where it cannot be followed."""

    def __init__(self, module: Module, node: ast.AST, reason: str) -> None:
        """Take the place and the reason."""
        super().__init__(reason)
        self.module, self.node, self.reason = module, node, reason


def variable(module: Module, name: ast.Name) -> Variable:
    """Find the variable that a name means.

    Raises:
        Lost: It is not one of the function around.
    """
    found = module.scope_of(name).lookup(name.id)
    own = home(module, name)
    if found is None or found[0] is not own or own.kind != "function":
        raise Lost(module, name, f"the query in {name.id} is not a local variable")
    return Variable(module, own, name.id)


def loads(place: Variable) -> Iterator[ast.Name]:
    """Yield where a variable is read.

    Raises:
        Lost: An inner function reads it.
    """
    for inner in place.module.index.scopes.values():
        for use in inner.loads.get(place.name, ()):
            held = inner.lookup(place.name)
            if held is not None and held[0] is place.scope:
                if inner is not place.scope and inner.kind != "comprehension":
                    raise Lost(place.module, use, f"an inner function uses the query in {place.name}")
                yield use


def taken(kinds: Kinds, module: Module, call: ast.Call, value: ast.expr) -> Variable:
    """Find the parameter that takes an argument.

    Raises:
        Lost: The callee is no function of the project, or takes it in another way.
    """
    function = kinds.called(module, call)
    if function is not None:
        for name, given in pairs(function, call):
            if given is value:
                return Variable(function.module, function.module.index.scopes[function.node], name)
    raise Lost(module, call, f"{ast.unparse(call.func)}() gets the query, and may do anything with it")
