"""What a constant key takes out of a mapping: ``data["session"]``, ``request.app[SESSIONS]``."""

from __future__ import annotations

import ast
from functools import partial
from typing import TypeAlias

from flake8_async_sqla.facts.frameworks import KEYS
from flake8_async_sqla.semantics.files.importers import importers, neighbours
from flake8_async_sqla.semantics.frameworks.keeping import Put, put_type, puts
from flake8_async_sqla.semantics.frameworks.workers import is_of_worker
from flake8_async_sqla.semantics.inference.classes import class_attribute, lineage
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import UNKNOWN, Instance, ProjectInstance, Type, join

Key: TypeAlias = tuple[Scope | str, str, str]
_AIOHTTP = "aiohttp.web.Application"
_TYPED = ("typing.TypedDict", "typing_extensions.TypedDict")
# What follows a key where something is put under it.
_ENDS = ('"] = ', "'] = ", '"]:', "']:", '"], ', "'], ")


def item_type(module: Module, node: ast.Subscript, holder: Type) -> Type:
    """Infer what a subscript gives by its key.

    Args:
        module: The module.
        node: The subscript.
        holder: The type of what is subscripted.
    """
    index = node.slice
    if isinstance(index, (ast.Name, ast.Attribute)):
        kind = module.type_of(index) if "aiohttp" in module.text else UNKNOWN
        if not isinstance(kind, Instance) or kind.cls not in KEYS or not kind.args:
            return UNKNOWN
        kept = _stored(module, node)  # tells what it was made with, too
        return kept if kept is not UNKNOWN else kind.args[0]
    if not isinstance(index, ast.Constant) or not isinstance(index.value, str):
        return UNKNOWN
    if isinstance(holder, ProjectInstance):
        declared = any(base in _TYPED for base in lineage(holder.cls) if isinstance(base, str))
        return class_attribute(holder.cls, index.value, holder) if declared else UNKNOWN
    written = _displayed(module, node, index.value) if holder is UNKNOWN else UNKNOWN
    return written if written is not UNKNOWN else _stored(module, node)


def _displayed(module: Module, node: ast.Subscript, key: str) -> Type:
    """Infer what a dictionary that is written down holds under a key, if nothing else is ever put there."""
    from flake8_async_sqla.semantics.frameworks.callers import named

    home, binding = definition(module, node.value, module.scope_of(node))
    display = binding.value if binding is not None and not binding.unpack else None
    if not isinstance(display, ast.Dict) or None in display.keys:
        return UNKNOWN
    found = [value for name, value in zip(display.keys, display.values, strict=True) if _says(name, key)]
    if len(found) != 1 or not isinstance(found[0], (ast.Name, ast.Attribute, ast.Call)):
        return UNKNOWN
    name = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
    places = [place for place in dict.fromkeys([module, home, *importers(home)]) if name in place.text]
    changed = any(_changes(place, use) for place in places for use in named(place, name))
    return UNKNOWN if changed else home.type_of(found[0])


def _says(node: ast.expr | None, key: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == key


def _changes(module: Module, use: ast.expr) -> bool:
    """Tell whether a use of a dictionary's name may put something else into it."""
    parent = module.parent(use)
    if isinstance(parent, ast.Subscript):
        return not isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Attribute):
        return parent.attr not in ("get", "items", "keys", "values")
    return isinstance(parent, (ast.Call, ast.keyword, ast.AugAssign)) or isinstance(getattr(use, "ctx", None), ast.Del)


def _stored(module: Module, node: ast.Subscript) -> Type:
    """Infer what was put under a key before, if it is the same each time."""
    text = _key_of_application(node)
    if _of_application(module, node):
        ends = _ENDS if isinstance(node.slice, ast.Constant) else ("] = ",)
        places = [place for place in [module, *neighbours(module)] if any(text + end in place.text for end in ends)]
        return join([put_type(place, found) for place in places if (found := _puts_of_application(place, text))])
    if not any(text + end in module.text for end in _ENDS) or (key := _key(module, node)) is None:
        return UNKNOWN
    mine = isinstance(key[0], Scope)
    scopes = [key[0]] if isinstance(key[0], Scope) else list(module.index.scopes.values())
    table: dict[Key, list[Put]] = module.cached(("items", key[0]), lambda: puts(scopes, partial(_key, module)))
    found = table.get(key, [])
    if mine and not any(value.lineno <= node.lineno for value, _ in found):
        return UNKNOWN
    return put_type(module, found)


def _of_application(module: Module, node: ast.expr) -> bool:
    """Tell whether a subscript is of an application of aiohttp: ``request.app["engine"]``."""
    from flake8_async_sqla.semantics.frameworks.state import application

    return "aiohttp" in module.text and isinstance(node, ast.Subscript) and application(module, node.value) == _AIOHTTP


def _key_of_application(node: ast.Subscript) -> str:
    """Return the text of a key, or the name of what holds it."""
    index = node.slice
    if isinstance(index, ast.Constant):
        return index.value if isinstance(index.value, str) else ""
    return index.id if isinstance(index, ast.Name) else getattr(index, "attr", "")


def _puts_of_application(module: Module, text: str) -> list[Put]:
    def key(node: ast.expr) -> str | None:
        named = isinstance(node, ast.Subscript) and _of_application(module, node)
        return _key_of_application(node) or None if named and isinstance(node, ast.Subscript) else None

    table = module.cached("items of the application", lambda: puts(module.index.scopes.values(), key))
    return table.get(text, [])


def _key(module: Module, node: ast.expr) -> Key | None:
    """Tell whose mapping a subscript is of: a function's, or the one that arq gives to all functions of a worker."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return None
    index = node.slice.value if isinstance(node.slice, ast.Constant) else None
    found = module.scope_of(node).lookup(node.value.id)
    if not isinstance(index, str) or found is None or found[0].kind != "function":
        return None
    scope, bindings = found
    given = first_parameter(scope.node.args) if isinstance(scope.node, ast.AsyncFunctionDef) else None
    if given is bindings[0].node and is_of_worker(module):
        return "arq", "", index
    return scope, node.value.id, index
