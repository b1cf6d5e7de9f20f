"""Dictionaries of functions: ``steps = {"name": function}``, called as ``steps["name"](...)``."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module


def entry(module: Module, node: ast.Subscript) -> ast.expr | None:
    """Return what a dictionary holds under a constant key, if nothing else can be there.

    Args:
        module: The module.
        node: The subscript.
    """
    if not isinstance(node.value, ast.Name) or not isinstance(node.slice, ast.Constant):
        return None
    table = _table(module, node.value)
    for key, value in zip(table.keys, table.values, strict=True) if table is not None else ():
        if isinstance(key, ast.Constant) and key.value == node.slice.value:
            return value
    return None


def is_entry(module: Module, node: ast.expr) -> bool:
    """Tell whether a value stands in a dictionary that is only used to call what a constant key names."""
    table = module.parent(node)
    statement = module.parent(table) if isinstance(table, ast.Dict) else None
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or not isinstance(table, ast.Dict):
        return False
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    return isinstance(target, ast.Name) and node in table.values and _table(module, target) is table


def _table(module: Module, name: ast.Name) -> ast.Dict | None:
    """Return the dictionary that a variable holds for good; None if it may change or be used in another way."""
    found = module.scope_of(name).lookup(name.id)
    if found is None or len(found[1]) != 1 or found[0].kind not in ("function", "module"):
        return None
    value = found[1][0].value
    if not isinstance(value, ast.Dict) or not all(isinstance(key, ast.Constant) for key in value.keys):
        return None
    keys: set[object] = {key.value for key in value.keys if isinstance(key, ast.Constant)}
    if len(keys) != len(value.keys) or (found[0].kind == "module" and not name.id.startswith("_")):
        return None
    for inner in module.index.scopes.values():
        for use in inner.loads.get(name.id, ()):
            held = inner.lookup(name.id)
            if held is not None and held[0] is found[0] and not _is_call(module, use, keys):
                return None
    return value


def _is_call(module: Module, use: ast.Name, keys: set[object]) -> bool:
    subscript = module.parent(use)
    if not isinstance(subscript, ast.Subscript) or subscript.value is not use:
        return False
    call = module.parent(subscript)
    constant = isinstance(subscript.slice, ast.Constant) and subscript.slice.value in keys
    return constant and isinstance(call, ast.Call) and call.func is subscript
