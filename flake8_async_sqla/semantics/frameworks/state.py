"""Places that every request of an application shares: ``app.state`` and its like in each framework."""

from __future__ import annotations

import ast

from flake8_async_sqla.facts.frameworks import (
    APPLICATION_OF_REQUEST,
    CURRENT_APPLICATION,
    MIDDLEWARES,
    OPEN_APPLICATIONS,
    STATE_PARAMETERS,
    STATES,
)
from flake8_async_sqla.semantics.frameworks.registrations import application_classes, registration
from flake8_async_sqla.semantics.frameworks.workers import is_of_worker
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.members import bases
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.types import External, Instance

_SHARED = {(state.owner, state.attribute) for state in STATES if state.scope == "application"}
_OWN = {(state.owner, state.attribute) for state in STATES if state.scope == "request"}
_INSIDE = frozenset({"_state", "__dict__"})


def is_shared_place(module: Module, target: ast.expr) -> bool:
    """Tell whether an assignment target is a place that all requests share.

    Args:
        module: The module that assigns.
        target: What is assigned to: ``app.state.session``, ``app["session"]``, ``request.app.ctx.db`` ...
    """
    if isinstance(target, ast.Attribute):
        return takes_attributes(module, target.value)
    if isinstance(target, ast.Subscript):
        return takes_items(module, target.value)
    return False


def is_request_place(module: Module, target: ast.expr) -> bool:
    """Tell whether an assignment target is a place that each request has for itself: ``request.state.db``, ``g.db``."""
    if not isinstance(target, (ast.Attribute, ast.Subscript)):
        return False
    kind, attribute = module.type_of(target.value), ""
    if not isinstance(kind, (External, Instance)) and isinstance(target.value, ast.Attribute):
        kind, attribute = module.type_of(target.value.value), target.value.attr
    path = kind.cls if isinstance(kind, Instance) else getattr(kind, "path", "")
    return any((base, attribute) in _OWN for base in bases(path)) if path else False


def takes_attributes(module: Module, node: ast.expr) -> bool:
    """Tell whether what is set as an attribute of an object is shared by all requests."""
    if is_shared_state(module, node) or application(module, node) in OPEN_APPLICATIONS:
        return True
    return is_a(module.type_of(node), *MIDDLEWARES)


def takes_items(module: Module, node: ast.expr) -> bool:
    """Tell whether what is set as an item of an object is shared by all requests."""
    if isinstance(node, ast.Attribute) and node.attr in _INSIDE and takes_attributes(module, node.value):
        return True
    return is_shared_state(module, node) or (application(module, node), "") in _SHARED


def is_shared_state(module: Module, node: ast.expr) -> bool:
    """Tell whether an expression is the state object of an application, as ``app.state``."""
    if isinstance(node, ast.Attribute):
        owner = application(module, node.value)
        return any((base, node.attr) in _SHARED for base in bases(owner)) if owner else False
    kind = module.type_of(node)
    if isinstance(kind, Instance) and is_a(kind, *STATE_PARAMETERS):
        return kind.origin is None
    alias = _aliased(module, node)
    return alias is not None and is_shared_state(module, alias)


def application(module: Module, node: ast.expr) -> str:
    """Return the class of the application that an expression is; empty if it is none."""
    if isinstance(node, ast.Attribute) and node.attr == "app":
        kind = module.type_of(node.value)
        for cls in bases(kind.cls) if isinstance(kind, Instance) else ():
            if cls in APPLICATION_OF_REQUEST:
                return APPLICATION_OF_REQUEST[cls]
    kind = module.type_of(node)
    if isinstance(kind, External):
        return CURRENT_APPLICATION.get(kind.path, "")
    for cls in application_classes(kind):
        return cls
    if (alias := _aliased(module, node)) is not None:
        return application(module, alias)
    return _registered(module, node) if isinstance(node, ast.Name) else ""


def _aliased(module: Module, node: ast.expr) -> ast.Attribute | None:
    """Return the attribute that a name abbreviates: ``state = app.state``."""
    found = module.scope_of(node).lookup(node.id) if isinstance(node, ast.Name) else None
    if found is None or len(found[1]) != 1 or found[1][0].kind != "value":
        return None
    value = found[1][0].value
    return value if isinstance(value, ast.Attribute) else None


def _registered(module: Module, node: ast.Name) -> str:
    """An unannotated first parameter of a function that is registered with an application: ``lifespan(app)``."""
    found = module.scope_of(node).lookup(node.id)
    if found is None or found[1][0].kind != "parameter":
        return ""
    if found[1][0].annotation is not None and not is_of_worker(module):
        return ""
    function = found[0].node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ""
    first = first_parameter(function.args)
    if first is None or first.arg != node.id:
        return ""
    known = registration(module, function)
    return known.application if known is not None else ""


def is_lifespan(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function is given to an application as its ``lifespan``."""
    known = registration(module, function)
    return known is not None and known.role == "lifespan"
