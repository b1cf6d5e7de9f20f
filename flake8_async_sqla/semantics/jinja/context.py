"""The variables that a template is given."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module

_CHANGING = frozenset({"clear", "pop", "popitem", "setdefault", "update"})


def variables(module: Module, dictionaries: list[ast.expr], keywords: list[ast.keyword]) -> dict[str, ast.expr]:
    """Name the values that a template is given, as far as they are certain.

    Args:
        module: The module of the call.
        dictionaries: Dictionaries given.
        keywords: Keyword arguments given.
    """
    found: dict[str, ast.expr] = {}
    for node in dictionaries:
        found.update(_items(module, node))
    for keyword in keywords:
        _put(found, keyword.arg, keyword.value)
    return found


def _put(found: dict[str, ast.expr], name: str | None, value: ast.expr) -> None:
    """Add a value; what is spread (``**more``) may replace those before it."""
    if name is None:
        found.clear()
    else:
        found[name] = value


def _items(module: Module, node: ast.expr) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    if isinstance(node, ast.Name):
        return _variable(module, node)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            constant = key.value if isinstance(key, ast.Constant) else None
            _put(found, constant if isinstance(constant, str) else None, value)
    elif isinstance(node, ast.Call) and callee(module, node) == "builtins.dict" and len(node.args) < 2:
        for argument in node.args:
            found.update(_items(module, argument))
        for keyword in node.keywords:
            _put(found, keyword.arg, keyword.value)
    return found


def _variable(module: Module, name: ast.Name) -> dict[str, ast.expr]:
    """``context = {...}``, with items added in the same block."""
    scope = module.scope_of(name)
    bindings = scope.names.get(name.id, [])
    bindings = reaching(module, bindings, name) if bindings else []
    if len(bindings) != 1 or bindings[0].value is None or isinstance(bindings[0].value, ast.Name) or bindings[0].unpack:
        return {}
    found = _items(module, bindings[0].value)
    block = module.parent(module.statement(bindings[0].node))
    for use in scope.loads.get(name.id, ()):
        parent = module.parent(use)
        if isinstance(parent, ast.Attribute) and parent.attr in _CHANGING:
            return {}
        if isinstance(parent, ast.Subscript) and isinstance(parent.ctx, (ast.Store, ast.Del)):
            statement = module.statement(use)
            key = parent.slice.value if isinstance(parent.slice, ast.Constant) else None
            if not isinstance(key, str):
                return {}
            found.pop(key, None)
            if isinstance(statement, ast.Assign) and module.parent(statement) is block and use.lineno < name.lineno:
                found[key] = statement.value
    return found
