"""Parameters that can only be a mapped class where a query selects them."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.annotations import alternatives
from flake8_async_sqla.semantics.mapping.classes import is_mapped
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import ProjectInstance

_TABLES = ("c", "columns")
_FILTERS = ("filter", "where")


def means_class(module: Module, entity: ast.Name) -> bool:
    """Tell whether a selected parameter is a mapped class.

    Nobody selects an instance: a parameter annotated with mapped classes is one of these classes. One without a word
    about its type is a class where a filter compares an attribute of it, which columns do not have.

    Args:
        module: The module.
        entity: The parameter, as it is selected.
    """
    found = module.scope_of(entity).lookup(entity.id)
    if found is None or len(found[1]) != 1 or not isinstance(found[1][0].node, ast.arg):
        return False
    scope, (binding,) = found[0], found[1]
    if binding.annotation is None:
        return _is_compared(module, scope, entity.id)
    kinds = alternatives(module, binding.annotation, scope)
    return all(isinstance(kind, ProjectInstance) and is_mapped(kind.cls) for kind in kinds)


def _is_compared(module: Module, scope: Scope, name: str) -> bool:
    for use in scope.loads.get(name, ()):
        attribute = module.parent(use)
        comparison = module.parent(attribute) if isinstance(attribute, ast.Attribute) else None
        call = module.parent(comparison) if isinstance(comparison, ast.Compare) else None
        filters = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _FILTERS
        if filters and isinstance(attribute, ast.Attribute) and attribute.attr not in _TABLES:
            return True
    return False
