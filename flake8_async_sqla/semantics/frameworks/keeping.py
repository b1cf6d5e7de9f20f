"""What a module keeps in the state of a request or application: ``request.state.db``, ``request.ctx.session``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar

from flake8_async_sqla.facts.frameworks import STATE_HOLDERS
from flake8_async_sqla.semantics.files.importers import neighbours
from flake8_async_sqla.semantics.inference.bindings import entered
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import UNKNOWN, Type, join

Key: TypeAlias = tuple[bool, str, str]
# What is put somewhere, and whether it is what ``with`` gives on entering it.
Put: TypeAlias = tuple[ast.expr, bool]
Place = TypeVar("Place")


def kept(module: Module, node: ast.Attribute) -> Type:
    """Infer the type of an attribute of a state by what the module puts there, if all of it is the same.

    Args:
        module: The module.
        node: The attribute, as ``request.state.db`` or ``g.db``.
    """
    key = _key(node)
    if key is None:
        return UNKNOWN
    own = _puts_under(module, key)
    return put_type(module, own) if own else _kept_elsewhere(module, key)


def _puts_under(module: Module, key: Key) -> list[Put]:
    if not (f"{key[1]}.{key[2]}" in module.text or f'["{key[1]}"]' in module.text):
        return []
    table: dict[Key, list[Put]] = module.cached("kept", lambda: puts(module.index.scopes.values(), _key))
    return table.get(key, [])


def _kept_elsewhere(module: Module, key: Key) -> Type:
    """Infer what the files put there that make up an application together with the module."""
    found = [(place, own) for place in neighbours(module) if (own := _puts_under(place, key))]
    return join([put_type(place, own) for place, own in found]) if found else UNKNOWN


def _key(node: ast.expr) -> Key | None:
    """Tell what a place is called, and whether it is the application's."""
    if isinstance(node, ast.Subscript):
        return _key_of_scope(node)
    holder = node.value if isinstance(node, ast.Attribute) else None
    if isinstance(node, ast.Attribute) and isinstance(holder, ast.Name) and holder.id == "g":
        return False, holder.id, node.attr
    if not isinstance(node, ast.Attribute) or not isinstance(holder, ast.Attribute) or holder.attr not in STATE_HOLDERS:
        return None
    owner = getattr(holder.value, "attr", getattr(holder.value, "id", ""))
    return owner in ("app", "application"), holder.attr, node.attr


def _key_of_scope(node: ast.Subscript) -> Key | None:
    """Tell what a middleware keeps in the scope of a request: ``scope["state"]["db"]`` is ``request.state.db``."""
    holder, name = node.value, node.slice
    if isinstance(holder, ast.Call) and isinstance(holder.func, ast.Attribute):
        part = holder.args[0] if holder.func.attr == "setdefault" and holder.args else None
    else:
        part = holder.slice if isinstance(holder, ast.Subscript) else None
    if not isinstance(part, ast.Constant) or part.value != "state" or not isinstance(name, ast.Constant):
        return None
    return False, "state", str(name.value)


def puts(scopes: Iterable[Scope], key_of: Callable[[ast.expr], Place | None]) -> dict[Place, list[Put]]:
    """List what assignments and ``with`` put into places that have keys.

    Args:
        scopes: Where to look.
        key_of: Tells the key of a target; None for other places.
    """
    found: dict[Place, list[Put]] = {}
    for scope in scopes:
        for node in scope.nodes:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if (key := key_of(target)) is not None:
                        found.setdefault(key, []).append((node.value, False))
            elif isinstance(node, (ast.With, ast.AsyncWith)):
                for item in node.items:
                    if item.optional_vars is not None and (key := key_of(item.optional_vars)) is not None:
                        found.setdefault(key, []).append((item.context_expr, True))
    return found


def put_type(module: Module, found: Iterable[Put]) -> Type:
    """Infer what is in a place, if all that is put there is the same."""
    kinds = [(module.type_of(value), inside) for value, inside in found]
    return join([entered(kind) if inside else kind for kind, inside in kinds])
