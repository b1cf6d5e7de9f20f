"""What receives a dependency: the parameter that a call of ``Depends`` feeds."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flake8_async_sqla.rules.sessions.providers import is_resource
from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters


def dependent(module: Module, call: ast.Call) -> ast.arg | None:
    """Find the parameter whose default or annotation holds a call of ``Depends``."""
    arguments = module.parent(call)
    if isinstance(arguments, ast.arguments):
        return next((argument for argument, default in parameters(arguments) if default is call), None)
    return next((outer for outer in module.ancestors(call) if isinstance(outer, ast.arg)), None)


def reads_of_dependent(module: Module, call: ast.Call) -> Sequence[ast.Name]:
    """List the places of a function that read the parameter which a call of ``Depends`` feeds."""
    parameter = dependent(module, call)
    if parameter is None:
        return ()
    function = next(outer for outer in module.ancestors(parameter) if outer in module.index.scopes)
    return module.index.scopes[function].loads.get(parameter.arg, ())


def wants_resource(module: Module, call: ast.Call) -> bool:
    """Tell whether the parameter or alias of a call of ``Depends`` is declared to be a session."""
    parameter = dependent(module, call)
    annotation = parameter.annotation if parameter is not None else None
    if annotation is None and isinstance(outer := module.parent(call), ast.Tuple):
        annotation = outer.elts[0]
    return annotation is not None and is_resource(annotated(module, annotation, module.scope_of(annotation)))
