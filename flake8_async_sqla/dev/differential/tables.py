"""The tables of a program, and their rows.

They hold rows with the keys 1 to 4, or 2 to 4, all foreign keys set: what is never found for want of data is not what
the comparison is about. Of an inheritance hierarchy, the even keys are subclasses, or all, or with `SWAPPED` the odd
ones. Which row a foreign key leads to is another with each number of the ``rows`` requested: other objects are in the
session then.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any
from zlib import crc32

from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

_ROWS = (1, 2, 3, 4)
_EACH = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1))
_SAME = ((3, 3, 3, 3), (1, 1, 1, 1), (0, 0, 0, 0))
_EVERYWHERE = {0: (0, 1, 1, 0), 1: _EACH[0], 4: _EACH[1], 5: _EACH[2], 6: _SAME[0], 7: _SAME[1], 8: _SAME[2]}
_FILLED = 4  # with these and more, some collections are empty
_EMPTIED = 8
_WITHOUT_FIRST = 14
_OF_SUBCLASS = 17
SWAPPED = 18


def _order(name: str, rows: int) -> tuple[int, ...]:
    """Say which row the foreign key of each row leads to; with some numbers, each foreign key goes its own way."""
    if rows in _EVERYWHERE:
        return _EVERYWHERE[rows]
    orders = _EACH if rows < _FILLED else (*_EACH, *_SAME)
    return orders[crc32(f"{name} {rows}".encode()) % len(orders)]


def _keys(table: Table, rows: int) -> tuple[int, ...]:
    inherits = any(column.primary_key for column in table.columns if column.foreign_keys)
    first = _WITHOUT_FIRST <= rows < _OF_SUBCLASS
    return tuple(key for key in _ROWS[first:] if not inherits or _of_subclass(key, rows))


def _of_subclass(key: int, rows: int) -> bool:
    return rows == _OF_SUBCLASS or key % 2 == (rows == SWAPPED)


def _targets(column: Column[Any], rows: int) -> tuple[int, ...]:
    return _keys(next(iter(column.foreign_keys)).column.table, rows)


def _value(column: Column[Any], key: int, rows: int) -> int | str:
    name, table = column.name, column.table
    if column.foreign_keys and not column.primary_key:
        targets = _targets(column, rows)
        return targets[_order(f"{table.name}.{name}", rows)[key - 1] % len(targets)]
    if name == "kind":
        return f"special{table.name}" if _of_subclass(key, rows) else table.name
    if name in ("created", "updated"):
        return f"2020-01-0{key} 00:00:00.000000"
    return key if isinstance(column.type, Integer) else f"{name} {key}"


def _pairs(table: Table, rows: int) -> Iterator[tuple[int, int]]:
    """Yield the rows of an association: each object with all others at first, then with some."""
    lefts, rights = (_targets(column, rows) for column in table.primary_key.columns)
    if rows == 0:
        yield from product(lefts, rights)
    elif rows == _EMPTIED:
        yield from product(lefts[-1:], rights)
    else:
        order = _order(table.name, rows)
        places = range(max(len(lefts), len(rights)))
        yield from {(lefts[place % len(lefts)], rights[order[place] % len(rights)]): None for place in places}


def script(metadata: MetaData, rows: int) -> str:
    """Write the script that makes the tables of a program.

    Args:
        metadata: The tables.
        rows: Which rows they hold.
    """
    statements = []
    for table in metadata.sorted_tables:
        values = [f"({', '.join(map(repr, row))})" for row in _filled(table, rows)]
        statements.append(f"{CreateTable(table).compile(dialect=sqlite.dialect())}")
        statements.append(f"INSERT INTO {table.name} VALUES {', '.join(values)}")
    return ";\n".join(statements)


def _filled(table: Table, rows: int) -> list[tuple[int | str, ...]]:
    if len(table.primary_key.columns) > 1:
        return [*_pairs(table, rows)]
    return [tuple(_value(column, key, rows) for column in table.columns) for key in _keys(table, rows)]
