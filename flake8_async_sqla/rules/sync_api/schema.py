"""Calls that create, drop or reflect tables, and what they are given to do it with."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import UNKNOWN, External, Member

_METADATA = "sqlalchemy.MetaData"
_SCHEMA_ITEM = "sqlalchemy.schema.SchemaItem"
_OF_METADATA = frozenset({"create_all", "drop_all", "reflect"})
_OF_TABLE = frozenset({"create", "drop"})
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
        binding = definition(module, node, module.scope_of(node))[1]
        node = binding.value if binding is not None and binding.kind == "value" and not binding.unpack else None
    return isinstance(node, ast.Attribute) and node.attr == "__table__"


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
