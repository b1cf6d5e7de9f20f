"""What kinds of values the parameters of written SQL take: from the grammar, and from the tables of mapped classes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flake8_async_sqla.rules.sync_api.column_values import column_kind
from flake8_async_sqla.semantics.mapping import is_mapped, mapped_class
from flake8_async_sqla.semantics.mapping.tables import table_name
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.imports import global_type
from flake8_async_sqla.semantics.types import ProjectClass, ProjectModule

_TABLES = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+\"?(\w+)\"?", re.IGNORECASE)
_INSERT = re.compile(r"\bINTO\s+\w+\s*\(([^)]*)\)\s*VALUES\s*\(([^()]*)\)", re.IGNORECASE)
_CASTS = {
    "int": "int", "integer": "int", "bigint": "int", "smallint": "int", "date": "datetime", "timestamp": "datetime",
    "timestamptz": "datetime", "text": "str", "varchar": "str", "real": "float", "float": "float",
}  # fmt: skip


def parameter_kind(module: Module, sql: str, name: str) -> str:
    """Say what PostgreSQL takes for a parameter: ``int``, ``str``, ``float`` or ``datetime``; empty if in doubt.

    Args:
        module: The module of the SQL, whose mapped classes say what columns hold.
        sql: The SQL, with parameters as ``:name``.
        name: The parameter.
    """
    given = rf":{re.escape(name)}\b"
    if re.search(rf"\b(?:LIMIT|OFFSET)\s+{given}", sql, re.IGNORECASE):
        return "int"
    if cast := re.search(rf"\bCAST\s*\(\s*{given}\s+AS\s+(\w+)", sql, re.IGNORECASE):
        return _CASTS.get(cast[1].lower(), "")
    if re.search(rf"{given}\s*[-+*/%]\s*\d+\b(?!\.)|(?<![\w.'])\d+\s*[-+*/%]\s*{given}", sql):
        return "int"
    column = _column(sql, name, given)
    tables = {table.lower() for table in _TABLES.findall(sql)}
    if not column or len(tables) != 1:
        return ""
    table = tables.pop()
    kinds = {_of_model(cls, column) for cls in _models(module) if table_name(cls) == table}
    return kinds.pop() if len(kinds) == 1 else ""


def _column(sql: str, name: str, given: str) -> str:
    """Find the column that a parameter is compared with, or written to."""
    compared = re.search(rf"(\w+)\"?\s*(?:=|<>|!=|<=|>=|<|>|\bBETWEEN\b|\bIN\s*\()\s*{given}", sql, re.IGNORECASE)
    if compared:
        return str(compared[1]).lower()
    for columns, values in _INSERT.findall(sql):
        names, given_values = columns.split(","), [value.strip() for value in values.split(",")]
        if len(names) == len(given_values) and f":{name}" in given_values:
            return str(names[given_values.index(f":{name}")]).strip(' "\n').lower()
    return ""


def _of_model(cls: ProjectClass, column: str) -> str:
    mapped = mapped_class(cls)
    found = mapped.attributes.get(column) if mapped is not None else None
    return column_kind(cls, found) if found is not None else ""


def _models(module: Module) -> Iterator[ProjectClass]:
    """Yield the mapped classes that a module defines or imports, and those of the modules that it imports."""
    for name in list(module.index.top.names):
        kind = global_type(module, name)
        if isinstance(kind, ProjectClass) and is_mapped(kind):
            yield kind
        elif isinstance(kind, ProjectModule):
            for inner in list(kind.module.index.top.names):
                below = global_type(kind.module, inner)
                if isinstance(below, ProjectClass) and is_mapped(below):
                    yield below
