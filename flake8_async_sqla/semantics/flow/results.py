"""Methods of results."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calls import Arguments
from flake8_async_sqla.semantics.flow.frame import Frame
from flake8_async_sqla.semantics.flow.heap import State
from flake8_async_sqla.semantics.flow.objects import taken
from flake8_async_sqla.semantics.flow.values import NOTHING, OPAQUE, PLAIN, Items, Many, Plain, Rows, Value

_SAME = frozenset({"unique", "yield_per", "execution_options", "freeze", "tuples"})
_SEVERAL = frozenset({"all", "fetchall", "fetchmany"})
_ONE = frozenset({"one", "first", "one_or_none", "fetchone"})
_SCALAR = frozenset({"scalar_one", "scalar", "scalar_one_or_none"})
_CERTAIN = frozenset({"one", "scalar_one"})
_PLAIN = frozenset({"keys", "rowcount", "close", "closed", "returns_rows", "lastrowid"})


def first_column(row: Value) -> Value:
    """Return the first value of a row."""
    if isinstance(row, Items) and row.items:
        return row.items[0]
    return PLAIN if isinstance(row, Plain) else OPAQUE


def method(frame: Frame, state: State, result: Rows, name: str, arguments: Arguments) -> Value:
    """Call a method of a result."""
    if name in _SAME:
        return result
    if name == "scalars":
        return Rows(_chosen(result.row, arguments), scalars=True, streamed=result.streamed)
    if name == "mappings":
        row = result.row
        return Rows(
            Items(row.items, row.names, keyed=True) if isinstance(row, Items) else OPAQUE, False, result.streamed
        )
    if name in _SEVERAL:
        return Many(result.row)
    if name == "partitions":
        return Many(Many(result.row))
    if name in _ONE:
        return taken(frame.run, state, result.row, optional=name not in _CERTAIN)
    if name in _SCALAR:
        return taken(frame.run, state, _chosen(result.row, arguments), optional=name not in _CERTAIN)
    return NOTHING if name == "close" else PLAIN if name in _PLAIN else OPAQUE


def _chosen(row: Value, arguments: Arguments) -> Value:
    """Return the column of a row that ``scalars(index)`` takes."""
    index = arguments.node_of("index", 0)
    if index is None:
        return first_column(row)
    if isinstance(row, Items) and isinstance(index, ast.Constant):
        if isinstance(index.value, int) and index.value < len(row.items):
            return row.items[index.value]
        if index.value in row.names:
            return row.items[row.names.index(index.value)]
    return OPAQUE
