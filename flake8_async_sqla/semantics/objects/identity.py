"""Which object an expression means: two expressions with one key are the same session, whatever they are called."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import TypeAlias

from flake8_async_sqla.semantics.frozen import dataclass
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import Function, ProjectClass


@dataclass(frozen=True, slots=True)
class Variable:
    """What a name holds.

    Attributes:
        module: The module that binds it.
        bindings: The bindings that may have given the value.
        scope: The node that opens the scope that holds the name.
        name: The name, for messages.
    """

    module: Module
    bindings: tuple[Binding, ...]
    scope: ast.AST
    name: str = field(default="", compare=False)

    @property
    def parameter(self) -> ast.arg | None:
        """The parameter that it is, if nothing else binds it."""
        node = self.bindings[0].node
        only = len(self.bindings) == 1 and self.bindings[0].kind == "parameter"
        return node if only and isinstance(node, ast.arg) else None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an object."""

    holder: Key
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """An object that a call of a project class makes.

    Attributes:
        cls: Its class.
        arguments: What was given to ``__init__``, by parameter.
        module: The module of the call.
        call: The call; ``None`` when it makes another object each time it is asked.
    """

    cls: ProjectClass
    arguments: tuple[tuple[str, Key], ...]
    module: Module
    call: ast.Call | None


@dataclass(frozen=True, slots=True)
class Current:
    """The value of a ``ContextVar``, which a task inherits from the one that starts it."""

    variable: Key


@dataclass(frozen=True, slots=True)
class Provided:
    """What FastAPI injects: one object for each request, however many parameters ask for it."""

    provider: Function | ProjectClass


Key: TypeAlias = Variable | Attribute | Made | Current | Provided
Arguments: TypeAlias = Mapping[ast.arg, "Key | None"]


def root(key: Key) -> Key:
    """Return what an attribute path starts from."""
    while isinstance(key, Attribute):
        key = key.holder
    return key


def described(key: Key) -> str:
    """Name an object in a message."""
    if isinstance(key, Variable):
        return key.name
    if isinstance(key, Attribute):
        return f"{described(key.holder)}.{key.name}"
    if isinstance(key, Made):
        return f"{key.cls.node.name}()"
    return described(key.variable) if isinstance(key, Current) else f"{key.provider.node.name}()"


def place(key: Key) -> list[ast.AST]:
    """List the nodes at which the object of a key comes into being, as far as they are in a function."""
    start = root(key)
    if isinstance(start, Variable):
        return [binding.node for binding in start.bindings]
    return [start.call] if isinstance(start, Made) and start.call is not None else []


def substitute(key: Key, function: Function, arguments: Arguments) -> Key | None:
    """Put a call's arguments in the place of a function's parameters; ``None`` for objects of the function's own.

    Args:
        key: A key in terms of the function.
        function: The function called.
        arguments: What its parameters are given.
    """
    if isinstance(key, Variable):
        if not _inside(key.module, key.scope, function):
            return key
        return arguments.get(key.parameter) if key.parameter is not None and key.scope is function.node else None
    if isinstance(key, Attribute):
        from flake8_async_sqla.semantics.objects.constructions import attribute_key

        holder = substitute(key.holder, function, arguments)
        return attribute_key(holder, key.name) if holder is not None else None
    if isinstance(key, Made):
        pairs = ((name, substitute(value, function, arguments)) for name, value in key.arguments)
        own = key.call is not None and _inside(key.module, key.call, function)
        kept = tuple((name, value) for name, value in pairs if value is not None)
        return replace(key, arguments=kept, call=None if own else key.call)
    return key


def _inside(module: Module, node: ast.AST, function: Function) -> bool:
    return module == function.module and (node is function.node or function.node in module.ancestors(node))


def only(keys: Iterable[Key | None]) -> Key | None:
    """Return the one key that all agree on."""
    found = set(keys)
    return found.pop() if len(found) == 1 else None
