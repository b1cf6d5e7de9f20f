"""How an object is used after it was made, as far as the module shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External

THREAD_SCOPES = tuple(External(f"threading.{name}") for name in ("get_ident", "get_native_id", "current_thread"))


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
        for use in module.reads(name):
            found = module.scope_of(use).lookup(name)
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


def declared_as(module: Module, call: ast.expr, path: str) -> list[ast.expr]:
    """List the names of an external class in the annotation of the variable that a call's result is assigned to."""
    parent = module.parent(call)
    if not isinstance(parent, ast.AnnAssign):
        return []
    names = (node for node in ast.walk(parent.annotation) if isinstance(node, (ast.Name, ast.Attribute)))
    return [node for node in names if module.type_of(node) == External(path)]


def called_name(call: ast.Call) -> ast.expr:
    """Return the name of what a call calls without type arguments: ``f`` of ``f[AsyncSession]()``."""
    return call.func.value if isinstance(call.func, ast.Subscript) else call.func


def hidden_arguments(call: ast.Call) -> bool:
    """Tell whether a call has arguments that cannot be seen: ``*args`` or ``**options``."""
    starred = any(isinstance(item, ast.Starred) for item in call.args)
    return starred or any(keyword.arg is None for keyword in call.keywords)
