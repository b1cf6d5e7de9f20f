"""The project's own decorators: the function inside that calls what is decorated changes together with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flake8_async_sqla.migrate.colouring.references import Reference
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.project import FUNCTIONS, Sources, home
from flake8_async_sqla.semantics.inference.functions import is_generator, returned
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import External, Function, FunctionNode

_HARMLESS = frozenset({"__doc__", "__module__", "__name__", "__qualname__"})


class Wrapping(NamedTuple):
    """What a decorator of the project does.

    Attributes:
        decorator: The decorator.
        wrapper: The function inside that takes the place of what is decorated.
        calls: The names by which it calls what is decorated.
    """

    decorator: Function
    wrapper: Function
    calls: Sequence[ast.Name]


def wrapping(kinds: Kinds, function: Function, decorator: ast.expr) -> Wrapping | None:
    """Say what a decorator does; None if it may do anything else than call what it decorates.

    Args:
        kinds: Types.
        function: The decorated function.
        decorator: The decorator, or the call that makes one.
    """
    target = uncalled(decorator)
    kind = kinds.of(function.module, target)
    if not isinstance(kind, Function) or is_generator(function.module, function.node):
        return None
    maker = _inner(kind) if isinstance(decorator, ast.Call) else kind
    wrapper = _inner(maker) if maker is not None else None
    if maker is None or wrapper is None or is_generator(wrapper.module, wrapper.node):
        return None
    calls = _calls(kinds, maker, wrapper)
    wraps = all(_is_wraps(kinds, wrapper, item) for item in wrapper.node.decorator_list)
    return Wrapping(kind, wrapper, calls) if calls and wraps else None


def wrappings(kinds: Kinds, sources: Sources) -> Iterator[tuple[Function, Wrapping]]:
    """Yield the decorated functions with what their decorators do."""
    for function in sources.functions():
        for decorator in function.node.decorator_list:
            if (found := wrapping(kinds, function, decorator)) is not None:
                yield function, found


def calls_decorated(kinds: Kinds, module: Module, call: ast.Call) -> bool:
    """Tell whether a decorator's wrapper calls what is decorated."""
    inner = home(module, call)
    outer = inner.parent.node if inner.parent is not None else None
    if not isinstance(inner.node, ast.FunctionDef) or not isinstance(outer, ast.FunctionDef):
        return False
    maker, wrapper = Function(module, outer), Function(module, inner.node)
    return _inner(maker) == wrapper and call.func in _calls(kinds, maker, wrapper)


def is_only_decorator(found: Wrapping, named: Mapping[FunctionNode, Sequence[Reference]]) -> bool:
    """Tell whether a decorator is used as one, and in no other way."""
    for place in named.get(found.decorator.node, ()):
        outer = place.module.parent(place.node)
        outer = place.module.parent(outer) if isinstance(outer, ast.Call) and outer.func is place.node else outer
        if not isinstance(outer, (*FUNCTIONS, ast.ImportFrom)):
            return False
    return True


def _inner(function: Function) -> Function | None:
    """Return the function that a function defines and returns."""
    values = returned(function.module, function.node)
    if len(values) != 1 or not isinstance(values[0], ast.Name):
        return None
    bindings = function.module.index.scopes[function.node].names.get(values[0].id, [])
    node = bindings[0].node if len(bindings) == 1 else None
    return Function(function.module, node) if isinstance(node, ast.FunctionDef) else None


def _calls(kinds: Kinds, maker: Function, wrapper: Function) -> list[ast.Name]:
    """List where a wrapper calls what is decorated; empty if that is used in another way too."""
    module, arguments = maker.module, [*maker.node.args.posonlyargs, *maker.node.args.args]
    if len(arguments) != 1 or isinstance(maker.node, ast.AsyncFunctionDef):
        return []
    found: list[ast.Name] = []
    for inner in module.index.scopes.values():
        for use in inner.loads.get(arguments[0].arg, ()):
            held = inner.lookup(use.id)
            if held is None or held[0].node is not maker.node:
                continue
            outer = module.parent(use)
            if isinstance(outer, ast.Call) and outer.func is use and home(module, use).node is wrapper.node:
                found.append(use)
            elif not (isinstance(outer, ast.Call) and _is_wraps(kinds, maker, outer)) and not (
                isinstance(outer, ast.Attribute) and outer.attr in _HARMLESS
            ):
                return []
    return found


def _is_wraps(kinds: Kinds, function: Function, decorator: ast.expr) -> bool:
    target = uncalled(decorator)
    return kinds.of(function.module, target) == External("functools.wraps")
