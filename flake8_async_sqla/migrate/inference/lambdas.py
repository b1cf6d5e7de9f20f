"""What the parameters of a lambda are, where the function that it is given to declares that."""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.types import UNKNOWN, External, Function, Type


def declared_for_lambda(
    called: Callable[[Module, ast.Call], Function | None], module: Module, parameter: ast.arg
) -> Type:
    """Infer the type of a lambda's parameter from an annotation as ``list[Callable[[APIRouter], None]]``.

    Args:
        called: Says which function a call runs.
        module: The module of the lambda.
        parameter: The parameter; those of functions are unknown.
    """
    arguments = module.parent(parameter)
    given = module.parent(arguments) if arguments is not None else None
    if not isinstance(given, ast.Lambda) or parameter not in given.args.args:
        return UNKNOWN
    value: ast.expr = given
    while isinstance(outer := module.parent(value), (ast.List, ast.Tuple, ast.Set)):
        value = outer
    call = module.parent(outer) if isinstance(outer, ast.keyword) else outer
    function = called(module, call) if isinstance(call, ast.Call) else None
    if function is None or not isinstance(call, ast.Call):
        return UNKNOWN
    scope = function.module.index.scopes[function.node]
    name = next((name for name, node in pairs(function, call) if node is value), "")
    annotation = scope.names[name][0].annotation if name else None
    declared = _callables(function.module, annotation) if annotation is not None else []
    position = given.args.args.index(parameter)
    if len(declared) != 1 or position >= len(declared[0]):
        return UNKNOWN
    return annotated(function.module, declared[0][position], function.module.index.top)


def _callables(module: Module, annotation: ast.expr) -> list[list[ast.expr]]:
    """List the parameters of the ``Callable``s in an annotation."""
    found: list[list[ast.expr]] = []
    for node in ast.walk(annotation):
        kind = module.type_of(node.value) if isinstance(node, ast.Subscript) else UNKNOWN
        if isinstance(node, ast.Subscript) and isinstance(kind, External) and kind.path.endswith(".Callable"):
            first = next(iter(parts(node.slice)), None)
            found.append(first.elts if isinstance(first, ast.List) else [])
    return found
