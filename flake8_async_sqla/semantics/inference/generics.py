"""What a call gives of a function that returns what its type variable stands for: ``def make(cls: type[T]) -> T``."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Coroutine,
    External,
    Function,
    Instance,
    ProjectClass,
    ProjectInstance,
    Type,
)

_CLASS = frozenset({"type", "Type"})


def same_as_given(module: Module, call: ast.Call, function: Function) -> Type | None:
    """Infer what a call gives from the argument that has the same type variable; ``None`` where there is none.

    Args:
        module: The module of the call.
        call: The call.
        function: The project's function that it calls.
    """
    variable = function.node.returns
    if not isinstance(variable, ast.Name) or not _is_variable(function, variable):
        return None
    from flake8_async_sqla.semantics.inference.functions import transparent
    from flake8_async_sqla.semantics.objects.identities import paired

    if not transparent(function.module, function.node):
        return None
    for parameter, value in paired(function, call.args, call.keywords):
        declared = parameter.annotation
        if isinstance(declared, ast.Subscript) and getattr(declared.value, "id", "") in _CLASS:
            found = _instance(module.type_of(value)) if _is_same(declared.slice, variable) else UNKNOWN
        else:
            found = module.type_of(value) if _is_same(declared, variable) else UNKNOWN
        if found is not UNKNOWN:
            return Coroutine(found) if isinstance(function.node, ast.AsyncFunctionDef) else found
    return None


def _is_variable(function: Function, name: ast.Name) -> bool:
    parameters = getattr(function.node, "type_params", ())
    kind = function.module.type_of(name)
    return any(item.name == name.id for item in parameters) or (
        isinstance(kind, Instance) and kind.cls.endswith(".TypeVar")
    )


def _is_same(node: ast.expr | None, name: ast.Name) -> bool:
    return isinstance(node, ast.Name) and node.id == name.id


def _instance(kind: Type) -> Type:
    if isinstance(kind, ProjectClass):
        return ProjectInstance(kind)
    return Instance(kind.path) if isinstance(kind, External) else UNKNOWN
