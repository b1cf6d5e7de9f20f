"""Methods of results."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.failure import Failure, Place
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import identified, taken
from flake8_async_sqla.semantics.flow.state.values import NOTHING, OPAQUE, PLAIN, Items, Many, Plain, Rows, Value
from flake8_async_sqla.semantics.loading.plan import Entity

_SAME = frozenset({"yield_per", "execution_options", "freeze", "tuples"})
_SEVERAL = frozenset({"all", "fetchall", "fetchmany"})
_ONE = frozenset({"one", "first", "one_or_none", "fetchone"})
_SCALAR = frozenset({"scalar_one", "scalar", "scalar_one_or_none"})
_SOME = frozenset({"first", "fetchone"})  # the others say that there is one only
_CERTAIN = frozenset({"one", "scalar_one"})
READING = frozenset(
    {"all", "fetchall", "fetchmany", "fetchone", "one", "one_or_none", "partitions", "scalar_one", "scalar_one_or_none"}
)
_PLAIN = frozenset({"keys", "rowcount", "close", "closed", "returns_rows", "lastrowid"})


def first_column(row: Value) -> Value:
    """Return the first value of a row."""
    if isinstance(row, Items) and row.items:
        return row.items[0]
    return PLAIN if isinstance(row, Plain) else OPAQUE


def method(frame: Frame, state: State, result: Rows, name: str, arguments: Arguments) -> Value:
    """Call a method of a result."""
    if name in READING:
        repeated(frame, state, arguments.node, result)
    if name == "unique":
        return replace(result, repeating=None)
    if name in _SAME:
        return result
    if name == "scalars":
        return replace(result, row=_chosen(result.row, arguments), scalars=True)
    if name == "mappings":
        row = result.row
        return replace(result, row=Items(row.items, row.names, keyed=True) if isinstance(row, Items) else OPAQUE)
    if name in _SEVERAL:
        return Many(result.row)
    if name == "partitions":
        return Many(Many(result.row))
    if name in _ONE:
        item = taken(frame.run, state, result.row, optional=name not in _CERTAIN, one=name in _SOME)
        return identified(state, item)
    if name in _SCALAR:
        item = taken(frame.run, state, _chosen(result.row, arguments), optional=name not in _CERTAIN)
        return identified(state, item)
    return NOTHING if name == "close" else PLAIN if name in _PLAIN else OPAQUE


def repeated(frame: Frame, state: State, node: ast.expr, result: Rows) -> None:
    """Take account of a result that is read: where joined collections repeat its rows, ``unique()`` comes first."""
    query = result.repeating
    entity = next((item for item in query.columns if isinstance(item, Entity)), None) if query is not None else None
    if query is None or query.joined_collection is None or entity is None:
        frame.read(state, node, "unique", None)
        return
    at = frame.calls[0].node if frame.calls else node
    assert isinstance(at, ast.expr)
    failure = Failure(
        kind="unique", at=at, cls=entity.cls, attribute="unique", path=(), query=query,
        cause=Place(query.module, query.joined_collection, ""),
        chain=(*frame.calls[1:], Place(frame.module, node, "")) if frame.calls else (),
    )  # fmt: skip
    frame.read(state, node, "unique", failure)


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
