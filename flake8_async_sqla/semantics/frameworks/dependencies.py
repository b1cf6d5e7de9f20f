"""FastAPI's ``Depends``: which provider feeds a parameter, and what it provides."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.frameworks import DEPENDENCIES
from flake8_async_sqla.semantics.inference.annotations import annotated, metadata
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding
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
    for holder, call in dependency_calls(module, binding):
        argument = depends_argument(call)
        if argument is not None:
            return holder, argument
    return None


def dependency_calls(module: Module, binding: Binding) -> Iterator[tuple[Module, ast.Call]]:
    """Yield the calls of ``Depends`` in a parameter's default or ``Annotated`` metadata, with their modules."""
    candidates: list[tuple[Module, ast.expr]] = []
    if binding.value is not None:
        candidates.append((module, binding.value))
    if binding.annotation is not None:
        candidates.extend(metadata(module, binding.annotation, module.scope_of(binding.annotation)))
    for holder, expression in candidates:
        if isinstance(expression, ast.Call) and _called(holder, expression) in DEPENDENCIES:
            yield holder, expression


def shared_provider(module: Module, binding: Binding) -> Function | ProjectClass | None:
    """Find what provides a parameter, the same object for all parameters of a request that name it."""
    for holder, call in dependency_calls(module, binding):
        if any(keyword.arg == "use_cache" for keyword in call.keywords):
            return None
        argument = depends_argument(call)
        if argument is None and binding.annotation is not None:
            declared = annotated(module, binding.annotation, module.scope_of(binding.annotation))
            return declared.cls if isinstance(declared, ProjectInstance) else None
        found = holder.type_of(argument)
        return found if isinstance(found, (Function, ProjectClass)) else None
    return None


def is_depends(module: Module, call: ast.Call) -> bool:
    """Tell whether a call is ``Depends(...)`` or ``Security(...)``."""
    return _called(module, call) in DEPENDS


def _called(module: Module, call: ast.Call) -> str:
    callee = module.type_of(call.func)
    return callee.path if isinstance(callee, External) else ""


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
    if isinstance(dependency, ProjectClass):
        return ProjectInstance(dependency)
    result: Type = UNKNOWN
    if isinstance(dependency, Function):
        result = dependency.module.result_of(dependency)
    elif isinstance(dependency, Instance) and dependency.args:
        result = dependency.args[0]
    if isinstance(result, (Coroutine, Manager)):
        return result.result
    return result.item if isinstance(result, Generator) else result


def is_dependency(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function is given to ``Depends``, in its module or in one that imports it."""
    from flake8_async_sqla.semantics.files.importers import importers

    return any(_depends_on(place, function, module) for place in [module, *importers(module)])


def _depends_on(place: Module, function: ast.FunctionDef | ast.AsyncFunctionDef, home: Module) -> bool:
    if function.name not in place.text:
        return False
    for scope in place.index.scopes.values():
        for node in scope.nodes:
            if isinstance(node, ast.Call) and is_depends(place, node):
                argument = depends_argument(node)
                kind = place.type_of(argument) if argument is not None else UNKNOWN
                if isinstance(kind, Function) and kind.node is function and kind.module == home:
                    return True
    return False
