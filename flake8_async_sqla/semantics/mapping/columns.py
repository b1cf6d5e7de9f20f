"""Columns: what ``mapped_column()``, ``Column()`` and ``Field()`` say of one."""

from __future__ import annotations

import ast
from typing import Any

from flake8_async_sqla.semantics.mapping.constants import text
from flake8_async_sqla.semantics.mapping.constructs import Construct, construct, entries
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Instance

COLUMNS = frozenset({"sqlalchemy.Column", "sqlalchemy.orm.mapped_column"})
FIELD = "sqlmodel.Field"
_GENERATED = {"sqlalchemy.Computed": ("server_default", "server_onupdate"), "sqlalchemy.Identity": ("server_default",)}
_DEFAULTS = ("default", "default_factory", "insert_default")
_FOREIGN_KEY = "sqlalchemy.ForeignKey"


def column(found: Construct) -> dict[str, Any]:
    """Return the fields of `Attribute` that a column's call sets.

    Args:
        found: The call of ``Column()``, ``mapped_column()``, ``Field()`` or ``deferred()``.
    """
    if found.path == FIELD:
        return _field(found)
    fields: dict[str, Any] = {}
    for argument in found.args:
        fields.update(_argument(found.module, argument))
    if found.true("primary_key"):
        fields["primary_key"] = True
    for name in ("server_default", "server_onupdate"):
        if found.given(name):
            fields[name] = True
    for name in _DEFAULTS:
        if found.given(name):
            fields["server_default" if is_sql(*found.keywords[name]) else "default"] = True
    if found.given("onupdate") and is_sql(*found.keywords["onupdate"]):
        fields["server_onupdate"] = True
    fields.update(_deferral(found, "deferred_group", "deferred_raiseload"))
    return fields


def deferral(found: Construct) -> dict[str, Any]:
    """Return what ``deferred()`` or ``column_property(..., deferred=True)`` says."""
    return _deferral(found, "group", "raiseload")


def _deferral(found: Construct, group: str, raiseload: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if found.given(group):
        fields["group"] = text(*found.keywords[group])
    if found.true(raiseload):
        fields["raiseload"] = True
    if found.true("deferred") or ("deferred" not in found.keywords and fields):
        fields["deferred"] = True
    return fields


def _argument(module: Module, node: ast.expr) -> dict[str, Any]:
    call = construct(module, node)
    if call is None:
        return {}
    if call.path == _FOREIGN_KEY:
        return {"foreign_key": True, "references": referred(call)}
    if call.path == "sqlalchemy.Sequence":
        return {"server_default": True}
    return dict.fromkeys(_GENERATED.get(call.path, ()), True)


def referred(call: Construct) -> str:
    """Return the column that a ``ForeignKey`` refers to, as ``table.column``; empty if it cannot be seen."""
    from flake8_async_sqla.semantics.mapping.tables import column_name

    given = call.args[0] if call.args else call.keywords.get("column", (None, None))[1]
    return text(call.module, given) or column_name(call.module, given)


def is_sql(module: Module, node: ast.expr) -> bool:
    """Tell whether an expression is SQL that the database evaluates: ``func.now()``, ``text("...")``, a sequence."""
    call = construct(module, node)
    if call is not None:
        return call.path.startswith("sqlalchemy.") and not call.path.startswith("sqlalchemy.orm.")
    if isinstance(node, (ast.Call, ast.Attribute)):
        inner = node.func if isinstance(node, ast.Call) else node.value
        return isinstance(inner, (ast.Call, ast.Attribute)) and is_sql(module, inner)
    kind = module.type_of(node)
    return isinstance(kind, Instance) and kind.cls.startswith("sqlalchemy.")


def _field(found: Construct) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "sa_column" in found.keywords:
        inner = construct(*found.keywords["sa_column"])
        if inner is not None:
            return column(inner)
    given = dict(found.keywords)
    if "sa_column_kwargs" in given:
        given.update(entries(*given["sa_column_kwargs"]))
    args: list[tuple[Module, ast.expr]] = []
    if "sa_column_args" in given:
        holder, listed = given["sa_column_args"]
        args = [(holder, item) for item in getattr(listed, "elts", [])]
    fields.update(column(Construct(found.module, "sqlalchemy.Column", (), given)))
    for holder, item in args:
        fields.update(_argument(holder, item))
    if found.given("foreign_key"):
        fields.update(foreign_key=True, references=text(*found.keywords["foreign_key"]))
    return fields


def is_column_call(module: Module, node: ast.expr | None) -> bool:
    """Tell whether an expression makes a column."""
    found = construct(module, node)
    return found is not None and found.path in COLUMNS
