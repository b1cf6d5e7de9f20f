"""What a program puts into the state of its application, and whether a session is in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.frameworks import MIDDLEWARES, WORKFLOW_DATA
from flake8_async_sqla.semantics.blocking.blocking import arguments
from flake8_async_sqla.semantics.frameworks.state import (
    application,
    is_lifespan,
    is_shared_place,
    takes_attributes,
    takes_items,
)
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.inference.visible_calls import constructions
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import origin_of
from flake8_async_sqla.semantics.types import Function, ProjectInstance

_PLACES = (ast.Attribute, ast.Subscript)
_STATE = "litestar.datastructures.State"


def stores(module: Module, node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the shared places that a node writes a session to, with the value that is or holds it."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _targets(module, target, node.value)
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None:
            yield from _targets(module, node.target, node.value)
    elif isinstance(node, ast.AsyncWith):
        for item in node.items:
            if item.optional_vars is not None:
                yield from _targets(module, item.optional_vars, item.context_expr)
    elif isinstance(node, ast.Call):
        yield from _call(module, node)
    elif isinstance(node, ast.Yield) and node.value is not None:
        values = [value for value in _values(module, node.value) if holds_session(module, value)]
        function = module.function(node)
        if values and function is not None and is_lifespan(module, function):
            yield from ((value, value) for value in values)


def _targets(module: Module, target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for inner, given in zip(target.elts, value.elts, strict=True):
            yield from _targets(module, inner, given)
    elif isinstance(target, _PLACES) and is_shared_place(module, target) and holds_session(module, value):
        yield from () if _is_of_maker(module, target, value) else ((target, value),)


def _is_of_maker(module: Module, target: ast.expr, value: ast.expr) -> bool:
    """Tell whether a constructor keeps a session that nobody makes for it: a bot that one task runs with its own."""
    function = module.function(target)
    found = module.scope_of(value).lookup(value.id) if isinstance(value, ast.Name) else None
    if function is None or found is None or found[0].node is not function or found[1][0].kind != "parameter":
        return False
    owner = module.type_of(target.value) if isinstance(target, ast.Attribute) else None
    if not isinstance(owner, ProjectInstance) or function.name != "__init__" or is_a(owner, *MIDDLEWARES):
        return False
    initializer = Function(module, function, owner)
    given = (
        (place, argument)
        for place, call, callee in constructions(initializer, owner.cls)
        for argument, name in arguments(callee, call)
        if isinstance(value, ast.Name) and name == value.id
    )
    return not any(_is_made(place, argument) for place, argument in given)


def _is_made(module: Module, value: ast.expr) -> bool:
    """Tell whether a session is none that its function was given itself."""
    found = module.scope_of(value).lookup(value.id) if isinstance(value, ast.Name) else None
    return is_a(module.type_of(value), ASYNC_SESSION) and (found is None or found[1][0].kind != "parameter")


def _call(module: Module, call: ast.Call) -> Iterator[tuple[ast.expr, ast.expr]]:
    func = call.func
    if isinstance(func, ast.Name) and callee(module, call) == "builtins.setattr" and len(call.args) == 3:
        if holds_session(module, call.args[2]) and takes_attributes(module, call.args[0]):
            yield call, call.args[2]
    elif isinstance(func, ast.Attribute) and func.attr == "setdefault" and len(call.args) == 2:
        if holds_session(module, call.args[1]) and takes_items(module, func.value):
            yield call, call.args[1]
    elif _feeds_handlers(module, call):
        given = [keyword.value for keyword in call.keywords if keyword.arg is not None]
        yield from ((value, value) for value in given if holds_session(module, value))
    elif (isinstance(func, ast.Attribute) and func.attr == "update") or callee(module, call) == _STATE:
        given = [value for argument in call.args for value in _values(module, argument)]
        given.extend(keyword.value for keyword in call.keywords if keyword.arg is not None)
        found = [value for value in given if holds_session(module, value)]
        if found and (not isinstance(func, ast.Attribute) or func.attr != "update" or takes_items(module, func.value)):
            yield from ((value, value) for value in found)


def _feeds_handlers(module: Module, call: ast.Call) -> bool:
    """Tell whether the keywords of a call are what aiogram hands to each handler."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in WORKFLOW_DATA:
        return application(module, call.func.value) in WORKFLOW_DATA
    return callee(module, call) in WORKFLOW_DATA


def _values(module: Module, node: ast.expr) -> list[ast.expr]:
    """List the values of a dict: a display, a call with keywords, or a name that stands for one."""
    if isinstance(node, ast.Name):
        found = module.scope_of(node).lookup(node.id)
        if found is None or len(found[1]) != 1 or found[1][0].value is None:
            return []
        node = found[1][0].value
    if isinstance(node, ast.Dict):
        return node.values
    if isinstance(node, ast.Call):
        return [keyword.value for keyword in node.keywords if keyword.arg is not None]
    return []


def holds_session(module: Module, value: ast.expr) -> bool:
    """Tell whether a value is a session, a display with one in it, or an object of the project that keeps one."""
    if isinstance(value, ast.Dict):
        return any(holds_session(module, item) for item in value.values)
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return any(holds_session(module, item) for item in value.elts)
    kind = module.type_of(value)
    if is_a(kind, ASYNC_SESSION):
        return True
    origin = origin_of(kind)
    return isinstance(kind, ProjectInstance) and origin is not None and keeps_session(origin.module, kind, origin.call)


def keeps_session(module: Module, made: ProjectInstance, call: ast.Call) -> bool:
    """Tell whether an object keeps a session that its constructor is given.

    Args:
        module: The module of the call.
        made: The type of the object.
        call: The call that makes it.
    """
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    sessions = [argument for argument in given if is_a(module.type_of(argument), ASYNC_SESSION)]
    if not sessions:
        return False
    method = class_attribute(made.cls, "__init__", made)
    if not isinstance(method, Function):
        return True
    kept = {name for argument, name in arguments(method, call) if argument in sessions}
    return any(
        isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Name) and node.value.id in kept
        for node in method.module.index.scopes[method.node].nodes
    )
