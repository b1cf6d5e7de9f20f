"""From a parameter to its type."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.frameworks.dependencies import provided
from flake8_async_sqla.semantics.frameworks.fixtures import requested
from flake8_async_sqla.semantics.frameworks.requests import unannotated_request
from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.inference.bindings import refine
from flake8_async_sqla.semantics.inference.visible_calls import given_by_calls
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.names.scopes import Binding, Scope
from flake8_async_sqla.semantics.types import UNKNOWN, ProjectClass, ProjectInstance, Type


def parameter_type(module: Module, node: ast.arg, binding: Binding, scope: Scope) -> Type:
    """Infer the type of a parameter: its annotation, what its dependency provides, or ``self``."""
    if (known := module.parameters.get(node)) is not None:
        return known
    solve = module.project.solve
    return solve(node, module.parameters, lambda: _parameter_type(module, node, binding, scope), UNKNOWN, module.path)


def _parameter_type(module: Module, node: ast.arg, binding: Binding, scope: Scope) -> Type:
    function = scope.node
    owner = scope.parent
    if owner is not None and owner.kind == "class" and isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        received = receiver_type(module, function, owner) if node is first_parameter(function.args) else UNKNOWN
        if received is not UNKNOWN:
            return received
    declared = annotated(module, binding.annotation, owner or scope) if binding.annotation is not None else UNKNOWN
    given = provided(module, binding)
    if given is UNKNOWN and binding.value is None:
        given = requested(module, node, scope)
    if given is UNKNOWN and binding.annotation is None:
        taken = unannotated_request(module, node, function)
        return taken if taken is not UNKNOWN else given_by_calls(module, node, scope, binding.value)
    return refine(declared, given)


def receiver_type(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef, owner: Scope) -> Type:
    """Infer the type of a method's first parameter."""
    assert isinstance(owner.node, ast.ClassDef)
    names = {decorator.id for decorator in function.decorator_list if isinstance(decorator, ast.Name)}
    cls = ProjectClass(module, owner.node)
    if "staticmethod" in names:
        return UNKNOWN
    if "classmethod" in names or function.name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return cls
    return ProjectInstance(cls)
