"""Sessions that a parameter without annotation is given by all who call its function."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import is_shared_type, paired
from flake8_async_sqla.semantics.types import Function, Type, join


def given_session(module: Module, node: ast.expr) -> Type | None:
    """Return the session or connection that a coroutine function's parameter is; ``None`` if one caller is in doubt.

    Args:
        module: The module of the function.
        node: A read of the parameter.
    """
    found = module.scope_of(node).lookup(node.id) if isinstance(node, ast.Name) else None
    if found is None or len(found[1]) != 1 or found[1][0].kind != "parameter" or found[1][0].value is not None:
        return None
    function, parameter = found[0].node, found[1][0].node
    if not isinstance(function, ast.AsyncFunctionDef) or not isinstance(parameter, ast.arg):
        return None
    if parameter.annotation is not None or function.decorator_list:
        return None
    return module.cached(("given session", parameter), lambda: _given(module, function, parameter))


def _given(module: Module, function: ast.AsyncFunctionDef, parameter: ast.arg) -> Type | None:
    kinds: list[Type] = []
    for place, use in uses_of(module, function):
        call, callee = place.parent(use), place.type_of(use)
        if not isinstance(call, ast.Call) or call.func is not use or not isinstance(callee, Function):
            return None
        value = dict(paired(callee, call.args, call.keywords)).get(parameter)
        kinds.append(place.type_of(value))
    return join(kinds) if kinds and all(is_shared_type(kind) for kind in kinds) else None
