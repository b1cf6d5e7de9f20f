"""FastAPI's ``Depends``: which provider feeds a parameter, and what it provides."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.annotations import metadata
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.scopes import Binding
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Coroutine,
    External,
    Function,
    Generator,
    Instance,
    Manager,
    ProjectClass,
    ProjectInstance,
    Type,
)

DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security"})


def provider(module: Module, binding: Binding) -> tuple[Module, ast.expr] | None:
    """Find the provider that a parameter's default or ``Annotated`` metadata names.

    Returns:
        The module that names it and the expression that does; ``None`` for a parameter without a dependency.
    """
    candidates: list[tuple[Module, ast.expr]] = []
    if binding.value is not None:
        candidates.append((module, binding.value))
    if binding.annotation is not None:
        candidates.extend(metadata(module, binding.annotation, module.scope_of(binding.annotation)))
    for holder, expression in candidates:
        if isinstance(expression, ast.Call) and is_depends(holder, expression):
            argument = depends_argument(expression)
            if argument is not None:
                return holder, argument
    return None


def is_depends(module: Module, call: ast.Call) -> bool:
    """Tell whether a call is ``Depends(...)`` or ``Security(...)``."""
    callee = module.type_of(call.func)
    return isinstance(callee, External) and callee.path in DEPENDS


def depends_argument(call: ast.Call) -> ast.expr | None:
    """Return what is given to ``Depends``."""
    if call.args:
        return call.args[0]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "dependency"), None)


def provided(module: Module, binding: Binding) -> Type:
    """Infer what FastAPI injects into a parameter."""
    found = provider(module, binding)
    if found is None:
        return UNKNOWN
    holder, expression = found
    return provides(holder.type_of(expression))


def provides(dependency: Type) -> Type:
    """Infer what a dependency gives its dependents."""
    if isinstance(dependency, Function):
        result = dependency.module.result_of(dependency)
        if isinstance(result, (Coroutine, Manager)):
            return result.result
        return result.item if isinstance(result, Generator) else result
    if isinstance(dependency, ProjectClass):
        return ProjectInstance(dependency)
    if isinstance(dependency, Instance) and dependency.args:
        return dependency.args[0]
    return UNKNOWN
