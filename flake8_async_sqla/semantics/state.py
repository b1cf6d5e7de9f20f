"""Places that every request of an application shares: ``app.state`` and its like in each framework."""

from __future__ import annotations

import ast

from flake8_async_sqla.facts.frameworks import (
    APPLICATION_OF_REQUEST,
    APPLICATIONS,
    CURRENT_APPLICATION,
    OPEN_APPLICATIONS,
    STATE_PARAMETERS,
    STATES,
)
from flake8_async_sqla.semantics.classes import lineage
from flake8_async_sqla.semantics.members import bases
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Instance, ProjectInstance, Type

_SHARED = {(state.owner, state.attribute) for state in STATES if state.scope == "application"}
_STARTUP_LISTS = frozenset({"on_startup", "on_shutdown", "on_cleanup", "cleanup_ctx", "lifespan"})


def is_shared_place(module: Module, target: ast.expr) -> bool:
    """Tell whether an assignment target is a place that all requests share.

    Args:
        module: The module that assigns.
        target: What is assigned to: ``app.state.session``, ``app["session"]``, ``request.app.ctx.db`` ...
    """
    if isinstance(target, ast.Attribute):
        return is_shared_state(module, target.value) or _application(module, target.value) in OPEN_APPLICATIONS
    if isinstance(target, ast.Subscript):
        return is_shared_state(module, target.value) or (_application(module, target.value), "") in _SHARED
    return False


def is_shared_state(module: Module, node: ast.expr) -> bool:
    """Tell whether an expression is the state object of an application, as ``app.state``."""
    if isinstance(node, ast.Attribute):
        owner = _application(module, node.value)
        return any((base, node.attr) in _SHARED for base in bases(owner)) if owner else False
    kind = module.type_of(node)
    if isinstance(kind, Instance) and any(base in STATE_PARAMETERS for base in bases(kind.cls)):
        return kind.origin is None
    if isinstance(node, ast.Name):
        found = module.scope_of(node).lookup(node.id)
        if found is not None and len(found[1]) == 1 and isinstance(value := found[1][0].value, ast.Attribute):
            return is_shared_state(module, value)
    return False


def _application(module: Module, node: ast.expr) -> str:
    """Return the class of the application that an expression is; empty if it is none."""
    if isinstance(node, ast.Attribute) and node.attr == "app":
        for cls in _classes(module.type_of(node.value)):
            if cls in APPLICATION_OF_REQUEST:
                return APPLICATION_OF_REQUEST[cls]
    kind = module.type_of(node)
    if isinstance(kind, External):
        return CURRENT_APPLICATION.get(kind.path, "")
    for cls in _classes(kind):
        if cls in APPLICATIONS:
            return cls
    return _registered(module, node) if isinstance(node, ast.Name) else ""


def _classes(kind: Type) -> list[str]:
    if isinstance(kind, Instance):
        return list(bases(kind.cls))
    if isinstance(kind, ProjectInstance):
        return [base for base in lineage(kind.cls) if isinstance(base, str)]
    return []


def _registered(module: Module, node: ast.Name) -> str:
    """An unannotated first parameter of a function that is registered with an application: ``lifespan(app)``."""
    found = module.scope_of(node).lookup(node.id)
    if found is None or found[1][0].kind != "parameter" or found[1][0].annotation is not None:
        return ""
    function = found[0].node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ""
    arguments = [*function.args.posonlyargs, *function.args.args]
    if not arguments or arguments[0].arg != node.id:
        return ""
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and "sanic.Sanic" in _classes(module.type_of(target.value)):
            return "sanic.Sanic" if target.attr not in ("get", "post", "put", "route", "delete", "patch") else ""
    for use in module.index.top.loads.get(function.name, ()):
        owner = _registers(module, use)
        if owner:
            return owner
    return ""


def _registers(module: Module, use: ast.Name) -> str:
    parent = module.parent(use)
    if isinstance(parent, (ast.List, ast.Tuple)):
        parent = module.parent(parent)
    if isinstance(parent, ast.keyword) and parent.arg in _STARTUP_LISTS:
        call = module.parent(parent)
        kinds = _classes(module.type_of(call)) if isinstance(call, ast.Call) else []
        return next((cls for cls in kinds if cls in APPLICATIONS), "")
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "append":
        listed = parent.func.value
        if isinstance(listed, ast.Attribute) and listed.attr in _STARTUP_LISTS:
            return next((cls for cls in _classes(module.type_of(listed.value)) if cls in APPLICATIONS), "")
    return ""


def is_lifespan(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function is given to an application as its ``lifespan``."""
    for scope in module.index.scopes.values():
        for use in scope.loads.get(function.name, ()):
            parent = module.parent(use)
            if isinstance(parent, ast.keyword) and parent.arg == "lifespan" and _registers(module, use):
                return True
    return False
