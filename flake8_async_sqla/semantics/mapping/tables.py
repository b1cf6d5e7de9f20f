"""Tables: their names and, where a ``Table`` is written down, their columns."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.models import MODELS
from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.inference.functions import returned
from flake8_async_sqla.semantics.mapping.ancestry import SQLMODEL, ancestry, is_declared
from flake8_async_sqla.semantics.mapping.columns import COLUMNS
from flake8_async_sqla.semantics.mapping.constants import text
from flake8_async_sqla.semantics.mapping.constructs import Construct, construct
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass

TABLE = "sqlalchemy.Table"
_NAMES = ("__tablename__", "__table__")


def table_name(cls: ProjectClass) -> str:
    """Return the name of the table that a class declares or takes from a mixin; empty if it cannot be seen."""
    from flake8_async_sqla.semantics.mapping.additions import imperative

    line = ancestry(cls)
    for item in line.classes:
        names = scope_of_class(item).names
        if item != cls and is_declared(item):
            return table_name(item)
        for binding in names.get("__tablename__", ()):
            if binding.value is not None:
                return text(item.module, binding.value)
        if "__tablename__" in names:
            return _computed(item, names["__tablename__"][-1].node, cls.node.name)
        if "__table__" in names:
            table = declared_table(item)
            return text(table.module, table.args[0]) if table is not None and table.args else ""
    if (by_hand := imperative(cls)) is not None:
        return text(by_hand[0].module, by_hand[0].args[0]) if by_hand[0] is not None and by_hand[0].args else ""
    if SQLMODEL in line.external:
        return cls.node.name.lower()
    return next((MODELS[path].table for path in line.external if path in MODELS and len(MODELS[path].table) > 1), "")


def _computed(holder: ProjectClass, node: ast.AST, name: str) -> str:
    """Return what a function under ``@declared_attr`` makes of the name of a class; empty if that cannot be seen."""
    if not isinstance(node, ast.FunctionDef):
        return ""
    values = returned(holder.module, node)
    return _of_name(values[0], name) if len(values) == 1 else ""


def _of_name(node: ast.expr, name: str) -> str:
    """Evaluate ``cls.__name__.lower()``, ``f"{cls.__name__.lower()}s"`` and the like."""
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.Attribute(attr="__name__"):
            return name
        case ast.Call(func=ast.Attribute(value=inner, attr="lower"), args=[]):
            return _of_name(inner, name).lower()
        case ast.FormattedValue(value=inner, format_spec=None, conversion=-1):
            return _of_name(inner, name)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [left, right]
        case ast.JoinedStr(values=values):
            parts = values
        case _:
            return ""
    found = [_of_name(part, name) for part in parts]
    return "".join(found) if all(found) else ""


def has_table(cls: ProjectClass) -> bool | None:
    """Tell whether a class that inherits from a mapped one has a table of its own; None if it cannot be seen."""
    names = scope_of_class(cls).names
    for name in _NAMES:
        for binding in names.get(name, ()):
            if binding.kind == "function":
                return None
            return not (isinstance(binding.value, ast.Constant) and binding.value.value is None)
    line = ancestry(cls)
    mixed = [item for item in line.classes if item != cls and not is_declared(item)]
    if any(name in scope_of_class(item).names for item in mixed for name in _NAMES):
        return None
    if SQLMODEL in line.external or any(path in MODELS and MODELS[path].table for path in line.external):
        return None
    return False if line.complete else None


def table_names(cls: ProjectClass) -> set[str]:
    """Return the names, without a schema, of the tables that a class and those it inherits from are mapped to."""
    owners = [cls, *(item for item in ancestry(cls).classes if item != cls and is_declared(item))]
    return {table_name(item).rpartition(".")[2] for item in owners} - {""}


def declared_table(cls: ProjectClass) -> Construct | None:
    """Return the ``Table(...)`` that a class body assigns to ``__table__``."""
    bindings = scope_of_class(cls).names.get("__table__", [])
    return table_of(cls.module, bindings[0].value) if len(bindings) == 1 else None


def table_of(module: Module, node: ast.expr | None) -> Construct | None:
    """Return the ``Table(...)`` that an expression is, or that a name stands for."""
    found = construct(module, node)
    return found if found is not None and found.path == TABLE else None


def table_columns(table: Construct) -> Iterator[tuple[str, Construct, ast.expr]]:
    """Yield the columns of a ``Table(...)``: their key, call and node."""
    for node in table.args[1:]:
        found = construct(table.module, node)
        if found is None or found.path not in COLUMNS:
            continue
        named = found.keywords.get("key") or found.keywords.get("name")
        key = text(*named) if named is not None else text(found.module, found.args[0] if found.args else None)
        if key:
            yield key, found, node


def column_name(module: Module, node: ast.expr | None) -> str:
    """Return the column that an expression is, as ``table.column``: ``User.id``, ``users.c.id``; empty if unknown."""
    if not isinstance(node, ast.Attribute):
        return ""
    kind = module.type_of(node.value)
    if isinstance(kind, ProjectClass):
        name = table_name(kind)
        return f"{name}.{node.attr}" if name else ""
    if isinstance(node.value, ast.Attribute) and node.value.attr in ("c", "columns"):
        holder = node.value.value
        if isinstance(holder, ast.Attribute) and holder.attr == "__table__":
            return column_name(module, ast.copy_location(ast.Attribute(holder.value, node.attr, ast.Load()), node))
        table = table_of(module, holder)
        name = text(table.module, table.args[0]) if table is not None and table.args else ""
        return f"{name}.{node.attr}" if name else ""
    return ""


def table_column(module: Module, node: ast.expr) -> tuple[Module, ast.expr] | None:
    """Find the ``Column(...)`` of a ``Table`` that an expression is: ``users.c.id``, ``users.c["id"]``."""
    if isinstance(node, ast.Subscript):
        holder, key = node.value, text(module, node.slice)
    elif isinstance(node, ast.Attribute):
        holder, key = node.value, node.attr
    else:
        return None
    columns = isinstance(holder, ast.Attribute) and holder.attr in ("c", "columns")
    table = table_of(module, holder.value) if isinstance(holder, ast.Attribute) and columns else None
    return column_of(table, key) if table is not None else None


def column_of(table: Construct, key: str) -> tuple[Module, ast.expr] | None:
    """Find the ``Column(...)`` that a ``Table(...)`` holds under a key."""
    return next(((found.module, node) for name, found, node in table_columns(table) if name == key), None)
