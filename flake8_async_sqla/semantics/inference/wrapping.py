"""What a decorator of the project gives for a parameter of the function that it wraps."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import Function, FunctionNode, Type, join


def given_by_decorators(module: Module, function: FunctionNode, parameter: ast.arg) -> Type:
    """Infer what decorators put in for a parameter: ``return await fn(session, *args, **kwargs)``.

    Args:
        module: The module of the function.
        function: The function.
        parameter: One of its parameters.
    """
    found: list[Type] = []
    for decorator in function.decorator_list:
        for wrapped, call in _calls(module, decorator):
            value = _value(call, function, parameter)
            if value is not None:
                found.append(wrapped.module.type_of(value))
    return join(found)


def _calls(module: Module, decorator: ast.expr) -> Iterator[tuple[Function, ast.Call]]:
    """Yield the calls of what a decorator is given, with the function that gets it."""
    from flake8_async_sqla.semantics.inference.functions import returned

    kind = module.type_of(uncalled(decorator))
    takers = [kind]
    if isinstance(decorator, ast.Call) and isinstance(kind, Function):
        takers = [kind.module.type_of(value) for value in returned(kind.module, kind.node)]
    for taker in takers:
        first = first_parameter(taker.node.args) if isinstance(taker, Function) else None
        if not isinstance(taker, Function) or first is None:
            continue
        own = taker.module.index.scopes[taker.node]
        for use in taker.module.reads(first.arg):
            call, place = taker.module.parent(use), taker.module.scope_of(use)
            found = place.lookup(use.id) if place is not own else None
            if found is not None and found[0] is own and isinstance(call, ast.Call) and call.func is use:
                yield taker, call


def _value(call: ast.Call, function: FunctionNode, parameter: ast.arg) -> ast.expr | None:
    """Return what a call that may hand on ``*args`` too certainly gives for a parameter."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    for name, value in zip(names, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        if name == parameter.arg:
            return value
    return next((keyword.value for keyword in call.keywords if keyword.arg == parameter.arg), None)
