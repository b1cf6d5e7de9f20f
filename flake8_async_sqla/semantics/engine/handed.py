"""What callers give for a parameter: ``Database("sqlite:///app.db")``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.engine.text import NOTHING, Texts, texts
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.inference.switches import switched_off
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.types import Function, FunctionNode, ProjectClass, ProjectInstance

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def handed(module: Module, node: ast.expr | None) -> Texts:
    """Find what a parameter, or an attribute that keeps one, may say by what is given for it wherever that is seen.

    Args:
        module: The module that holds the expression.
        node: A name or attribute.
    """
    found = _parameter(module, node)
    if found is None:
        return NOTHING
    home, function, parameter = found
    together = NOTHING
    for place, call, receiver in _calls(home, function):
        target = Function(home, function, receiver)
        if node is not None and home == module and switched_off(target, call, node):
            continue
        given = dict(paired(target, call.args, call.keywords)).get(parameter)
        one = texts(place, given)
        together |= one if one.known else Texts(rebound=True)
    return together


def _parameter(module: Module, node: ast.expr | None) -> tuple[Module, FunctionNode, ast.arg] | None:
    """Find the parameter without a default that a name is, or that ``self.name`` keeps."""
    if isinstance(node, ast.Attribute):
        holder = module.type_of(node.value)
        if not isinstance(holder, ProjectInstance):
            return None
        bindings = scope_of_class(holder.cls).attributes.get(node.attr, ())
        value = bindings[0].value if len(bindings) == 1 and not bindings[0].unpack else None
        return _parameter(holder.cls.module, value) if isinstance(value, ast.Name) else None
    found = module.scope_of(node).lookup(node.id) if isinstance(node, ast.Name) else None
    if found is None or len(found[1]) != 1 or found[1][0].kind != "parameter" or found[1][0].value is not None:
        return None
    function, parameter = found[0].node, found[1][0].node
    if isinstance(function, _FUNCTIONS) and isinstance(parameter, ast.arg):
        return module, function, parameter
    return None


def _calls(module: Module, function: FunctionNode) -> Iterator[tuple[Module, ast.Call, ProjectInstance | None]]:
    """Yield the calls of a function, or of the class whose constructor it is, with their modules."""
    owner = module.parent(function)
    if isinstance(owner, ast.ClassDef) and function.name == "__init__":
        cls = ProjectClass(module, owner)
        for place in [module, *importers(module)]:
            scopes = place.index.scopes.values() if owner.name in place.text else ()
            for call in (node for scope in scopes for node in scope.nodes if isinstance(node, ast.Call)):
                if place.type_of(call.func) == cls:
                    yield place, call, ProjectInstance(cls)
    elif not isinstance(owner, ast.ClassDef):
        for place, use in uses_of(module, function):
            parent = place.parent(use)
            if isinstance(parent, ast.Call) and parent.func is use:
                yield place, parent, None
