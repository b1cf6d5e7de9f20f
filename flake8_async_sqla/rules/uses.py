"""How an object is used after it was made, as far as the module shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.module import Module


def assigned_names(module: Module, call: ast.expr) -> list[str]:
    """List the plain names that a call's result is assigned to."""
    parent = module.parent(call)
    if isinstance(parent, ast.Await):
        parent = module.parent(parent)
    if isinstance(parent, ast.Assign):
        return [target.id for target in parent.targets if isinstance(target, ast.Name)]
    if isinstance(parent, (ast.AnnAssign, ast.NamedExpr)) and isinstance(parent.target, ast.Name):
        return [parent.target.id]
    return []


def uses(module: Module, call: ast.expr) -> Iterator[ast.Name]:
    """Yield the places of this module that read the name a call's result is assigned to."""
    home = module.scope_of(call)
    for name in assigned_names(module, call):
        holder = home.foreign.get(name, home)
        for scope in module.index.scopes.values():
            for use in scope.loads.get(name, ()):
                found = scope.lookup(name)
                if found is not None and found[0] is holder:
                    yield use


def used_asynchronously(module: Module, call: ast.expr) -> bool:
    """Tell whether an object's methods are awaited or entered with ``async with`` somewhere."""
    for use in uses(module, call):
        attribute = module.parent(use)
        outer = module.parent(attribute) if isinstance(attribute, ast.Attribute) else attribute
        if not isinstance(outer, ast.Call):
            continue
        around = module.parent(outer)
        if isinstance(around, ast.Await):
            return True
        if isinstance(around, ast.withitem) and isinstance(module.parent(around), ast.AsyncWith):
            return True
    return False
