"""Requests that handlers take without saying so: ``async def index(request): return web.json_response(...)``."""

from __future__ import annotations

import ast

from flake8_async_sqla.facts.frameworks import REQUESTS
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import UNKNOWN, External, Instance, Type

_NAMES = frozenset({"request", "req"})


def unannotated_request(module: Module, node: ast.arg, function: ast.AST) -> Type:
    """Infer a handler's request from the decorator of the handler, or from the response that it gives.

    Args:
        module: The module of the handler.
        node: The parameter.
        function: The function that takes it.
    """
    if node.arg not in _NAMES or not isinstance(function, ast.AsyncFunctionDef):
        return UNKNOWN
    if node not in [parameter for parameter, _ in parameters(function.args)[:2]]:
        return UNKNOWN
    found = {_request_of(module, item) for item in (*function.decorator_list, *_returned(module, function))}
    found.discard("")
    return Instance(found.pop()) if len(found) == 1 else UNKNOWN


def _returned(module: Module, function: ast.AsyncFunctionDef) -> list[ast.expr]:
    nodes = module.index.scopes[function].nodes
    return [node.value for node in nodes if isinstance(node, ast.Return) and isinstance(node.value, ast.Call)]


def _request_of(module: Module, node: ast.expr) -> str:
    """Name the class of the requests of the framework that a decorator or response belongs to."""
    target = uncalled(node)
    kind = module.type_of(target)
    if not isinstance(kind, External) and isinstance(target, ast.Attribute):
        kind = module.type_of(target.value)
    path = kind.cls if isinstance(kind, Instance) else kind.path if isinstance(kind, External) else ""
    return next((request for prefix, request in REQUESTS.items() if path.startswith(prefix)), "")
