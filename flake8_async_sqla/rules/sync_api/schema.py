"""Calls that create, drop or reflect tables, and what they are given to do it with."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import UNKNOWN, External, Member

_METADATA = "sqlalchemy.MetaData"
_SCHEMA_ITEM = "sqlalchemy.schema.SchemaItem"
_OF_METADATA = frozenset({"create_all", "drop_all", "reflect"})
_OF_TABLE = frozenset({"create", "drop"})
_KEEPING = frozenset({"list", "reversed", "tuple"})
REFLECTING = ("reflect", "prepare")


def ddl_method(module: Module, method: ast.Attribute) -> bool:
    """Tell whether a method creates, drops or reflects tables."""
    if method.attr in _OF_METADATA:
        return _is_metadata(module, method.value)
    if method.attr in _OF_TABLE:
        return _is_table(module, method.value) or is_a(module.type_of(method.value), _SCHEMA_ITEM)
    return False


def _is_table(module: Module, node: ast.expr | None) -> bool:
    if isinstance(node, ast.Name):
        if (loops := _loops_over(module, node)) is not None:
            return all(_lists_tables(module, loop) for loop in loops)
        binding = definition(module, node, module.scope_of(node))[1]
        node = binding.value if binding is not None and binding.kind == "value" and not binding.unpack else None
    if isinstance(node, ast.Subscript):
        return _holds_tables(module, node.value)
    return isinstance(node, ast.Attribute) and node.attr == "__table__"


def _loops_over(module: Module, node: ast.Name) -> list[ast.expr | None] | None:
    """List what the loops go over that a name is an item of; ``None`` if it is something else too."""
    scope = module.scope_of(node)
    found = scope.lookup(node.id)
    if found is None or found[0] is not scope:
        return None
    bindings = reaching(module, found[1], node)
    plain = all(binding.kind == "for" and not binding.unpack for binding in bindings)
    return [binding.value for binding in bindings] if plain else None


def _lists_tables(module: Module, node: ast.expr | None) -> bool:
    """Tell whether a loop goes over tables: ``metadata.sorted_tables``, ``metadata.tables.values()``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KEEPING and node.args:
        return _lists_tables(module, node.args[0])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
        return _holds_tables(module, node.func.value)
    return isinstance(node, ast.Attribute) and node.attr == "sorted_tables" and _is_metadata(module, node.value)


def _holds_tables(module: Module, node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "tables" and _is_metadata(module, node.value)


def ddl_target(module: Module, call: ast.Call) -> ast.expr | None:
    """Return what a call creates, drops or reflects tables with: an engine or connection."""
    if (given := argument(call, "autoload_with")) is not None:
        return given
    if not isinstance(call.func, ast.Attribute):
        return None
    if ddl_method(module, call.func):
        return argument(call, "bind", 0)
    if call.func.attr == "prepare" and argument(call, "reflect") is not None:
        return argument(call, "engine", 0)
    return None


def _is_metadata(module: Module, node: ast.expr) -> bool:
    kind = module.type_of(node)
    if is_a(kind, _METADATA):
        return True
    if isinstance(kind, External):
        return kind.path.endswith("metadata")
    unresolved = kind is UNKNOWN or isinstance(kind, Member)
    return unresolved and isinstance(node, ast.Attribute) and node.attr == "metadata"
