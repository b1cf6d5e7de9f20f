"""Tests that send requests to the project's own FastAPI application, in the event loop of the test."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.imports import global_type
from flake8_async_sqla.semantics.types import Function, FunctionNode, Instance, Origin

_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
_OTHERWISE = ("dependency_overrides", "TestClient", "LifespanManager")


def applications(module: Module) -> list[Origin]:
    """List the FastAPI applications that a test module or conftest gives to ``httpx.ASGITransport``."""
    text = module.text
    if ("ASGITransport" not in text and "AsyncClient(app=" not in text) or any(word in text for word in _OTHERWISE):
        return []
    kinds = [global_type(module, name) for name in module.index.top.names]
    found = [kind.origin for kind in kinds if isinstance(kind, Instance) and kind.cls == "fastapi.FastAPI"]
    return [origin for origin in found if origin is not None and "dispose" not in origin.module.text]


def endpoints(module: Module, test: FunctionNode, application: Origin) -> Iterator[Function]:
    """Yield the endpoints, in the application's own file, that a test awaits a request to."""
    for node in own_nodes(module, test, ast.Await):
        call = node.value if isinstance(node, ast.Await) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        path = argument(call, "url", 0)
        if call.func.attr in _METHODS and isinstance(path, ast.Constant) and isinstance(path.value, str):
            yield from _serving(application, call.func.attr, path.value.partition("?")[0])


def _serving(application: Origin, method: str, path: str) -> Iterator[Function]:
    module = application.module
    for node in module.index.scopes:
        if not isinstance(node, ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                route, holder = argument(decorator, "path", 0), module.type_of(decorator.func.value)
                same = isinstance(route, ast.Constant) and route.value == path and decorator.func.attr == method
                if same and isinstance(holder, Instance) and holder.origin == application:
                    yield Function(module, node)
