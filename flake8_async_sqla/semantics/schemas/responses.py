"""What FastAPI reads of the values that path operations return."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.flow.failure import Sink
from flake8_async_sqla.semantics.flow.reads.reads import OutOfSight
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes, transparent
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.schemas.expression import Expression
from flake8_async_sqla.semantics.schemas.reading import read_by
from flake8_async_sqla.semantics.types import Function, FunctionNode

APPLICATIONS = ("fastapi.FastAPI", "fastapi.APIRouter")
_OPERATIONS = frozenset({"api_route", "delete", "get", "head", "options", "patch", "post", "put", "trace"})


def response_reads(module: Module, function: FunctionNode) -> Iterator[OutOfSight]:
    """Yield the returned values that a response model reads: attributes of any object, items of dictionaries.

    ``response_model_include`` and its like choose among what was read already.
    """
    for annotation in _response_models(module, function):
        reads = read_by(annotation, forced=True)
        if reads is None or not reads.attributes:
            continue
        settled = annotation.settled()
        sink = Sink("response model", ast.unparse(settled.node if settled.module == module else annotation.node))
        for returned in own_nodes(module, function, ast.Return):
            if isinstance(returned, ast.Return) and returned.value is not None:
                yield OutOfSight(returned.value, returned.value, reads, sink)


def _response_models(module: Module, function: FunctionNode) -> Iterator[Expression]:
    """Yield the types that validate what a path operation returns."""
    routes = [*_decorating(module, function), *_routes(module).get(function, ())]
    if not routes or is_generator(module, function):
        return
    for route in routes:
        model = argument(route, "response_model")
        if any(keyword.arg is None for keyword in route.keywords):
            continue
        if model is None and function.returns is not None:
            model = function.returns
        if model is not None and not (isinstance(model, ast.Constant) and model.value is None):
            yield Expression(module, model, module.scope_of(model))


def _decorating(module: Module, function: FunctionNode) -> list[ast.Call]:
    """List the path operation decorators; none if one below may replace what is returned."""
    found = [item for item in function.decorator_list if isinstance(item, ast.Call) and _is_route(module, item)]
    return found if not found or transparent(module, function) else []


def _is_route(module: Module, call: ast.Call) -> bool:
    func = call.func
    return isinstance(func, ast.Attribute) and func.attr in _OPERATIONS and _is_application(module, func.value)


def _is_application(module: Module, node: ast.expr) -> bool:
    return is_a(module.type_of(node), *APPLICATIONS)


def _routes(module: Module) -> dict[FunctionNode, list[ast.Call]]:
    """Map functions to the calls of the module that make them path operations without decorating them."""

    def collect() -> dict[FunctionNode, list[ast.Call]]:
        found: dict[FunctionNode, list[ast.Call]] = {}
        mentioned = any("add_api_route" in line or ")(" in line for line in module.lines)
        for scope in list(module.index.scopes.values()) if mentioned else ():
            for node in scope.nodes:
                endpoint = _endpoint(module, node) if isinstance(node, ast.Call) else None
                if endpoint is not None:
                    call, function = endpoint
                    kind = module.type_of(function)
                    if isinstance(kind, Function) and not kind.node.decorator_list:
                        found.setdefault(kind.node, []).append(call)
        return found

    return module.cached("path operations", collect)


def _endpoint(module: Module, call: ast.Call) -> tuple[ast.Call, ast.expr] | None:
    """Tell what ``app.add_api_route(path, f)`` and ``app.get(path)(f)`` register: the call with its options, and f."""
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr == "add_api_route" and _is_application(module, func.value):
        function = argument(call, "endpoint", 1)
        return (call, function) if function is not None else None
    if isinstance(func, ast.Call) and len(call.args) == 1 and _is_route(module, func):
        return func, call.args[0]
    return None
