"""Sessions without annotations: known by what callers give, and by what visible constructions of a class give."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SCOPED_SESSION, ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import is_a, scope_of_class
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import method_owner, parameters
from flake8_async_sqla.semantics.objects.identities import is_shared_type, paired
from flake8_async_sqla.semantics.types import UNKNOWN, Function, ProjectClass, ProjectInstance

Given: TypeAlias = Mapping[str, tuple[Module, ast.expr]]
MAX_CALLS = 4


def reaches_database(module: Module, call: ast.Call, function: Function) -> bool:
    """Tell whether a call runs IO on a session that nothing but its way there tells.

    Args:
        module: The module of the call.
        call: The call.
        function: The project's function that it calls.
    """
    given = {parameter.arg: (module, value) for parameter, value in paired(function, call.args, call.keywords)}
    return _does_io(function, given, MAX_CALLS)


def _does_io(function: Function, given: Given, depth: int) -> bool:
    module = function.module
    for call in own_nodes(module, function.node, ast.Call):
        assert isinstance(call, ast.Call)
        func = call.func
        if isinstance(func, ast.Attribute) and isinstance(module.parent(call), ast.Await):
            known = fact(ASYNC_SESSION, func.attr)
            if known is not None and known.kind == "coroutine" and _is_async(module, func.value, given, depth):
                return True
        callee = module.type_of(func)
        if isinstance(callee, Function) and depth and callee.node is not function.node:
            values = paired(callee, call.args, call.keywords)
            if _does_io(
                callee, {parameter.arg: _origin(module, value, given) for parameter, value in values}, depth - 1
            ):
                return True
    return False


def _origin(module: Module, value: ast.expr, given: Given) -> tuple[Module, ast.expr]:
    """Return what the caller gave for a parameter that is handed on, or the value itself."""
    if isinstance(value, ast.Name) and value.id in given and module.type_of(value) is UNKNOWN:
        return given[value.id]
    return module, value


def _is_async(module: Module, node: ast.expr, given: Given, depth: int) -> bool:
    """Tell whether an expression is certainly an async session or connection."""
    kind = module.type_of(node)
    if kind is not UNKNOWN or not depth:
        return is_shared_type(kind) or is_a(kind, ASYNC_ENGINE, ASYNC_SCOPED_SESSION)
    if isinstance(node, ast.Name):
        if node.id in given:
            return _is_async(*given[node.id], {}, depth - 1)
        owner = module.scope_of(node)
        function = owner.node
        if not isinstance(function, ast.FunctionDef) or function.name != "__init__":
            return False
        home = module.parent(function)
        return isinstance(home, ast.ClassDef) and _always_given(ProjectClass(module, home), node.id, depth - 1)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owned = method_owner(module.scope_of(node), node.value.id)
        if owned is not None and isinstance(owned.node, ast.ClassDef):
            return _is_attribute_async(ProjectClass(module, owned.node), node.attr, depth)
    return False


def _is_attribute_async(cls: ProjectClass, name: str, depth: int) -> bool:
    bindings = scope_of_class(cls).attributes.get(name, ())
    values = [binding.value for binding in bindings if binding.kind == "value" and not binding.unpack]
    if not values or len(values) != len(bindings):
        return False
    return all(value is not None and _is_async(cls.module, value, {}, depth - 1) for value in values)


def _always_given(cls: ProjectClass, name: str, depth: int) -> bool:
    """Tell whether every visible construction of a class gives an async session for a parameter."""
    function = next((found.node for found in scope_of_class(cls).names.get("__init__", ())), None)
    if not isinstance(function, ast.FunctionDef) or name not in [item.arg for item, _ in parameters(function.args)]:
        return False
    initializer = Function(cls.module, function, ProjectInstance(cls))
    found = [
        _is_async(place, value, {}, depth)
        for place, call in _constructions(cls)
        for parameter, value in paired(initializer, call.args, call.keywords)
        if parameter.arg == name
    ]
    return bool(found) and all(found)


def _constructions(cls: ProjectClass) -> Iterator[tuple[Module, ast.Call]]:
    for place in [cls.module, *importers(cls.module)]:
        for scope in list(place.index.scopes.values()):
            for node in scope.nodes:
                if isinstance(node, ast.Call) and place.type_of(node.func) == cls:
                    yield place, node
