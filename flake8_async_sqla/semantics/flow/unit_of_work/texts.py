"""``UPDATE`` in plain SQL: the database changes, and the objects that a session holds do not."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.keys import key_of
from flake8_async_sqla.semantics.flow.state.session import Key, Write
from flake8_async_sqla.semantics.flow.unit_of_work.staleness import left_behind, wrote
from flake8_async_sqla.semantics.mapping.constants import made, text
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.mapping.tables import table_name
from flake8_async_sqla.semantics.module import Module

_UPDATE = re.compile(r'\s*UPDATE\s+"?(\w+)"?\s+SET\s+(.+?)(?:\s+WHERE\s+(.+?))?[\s;]*', re.IGNORECASE | re.DOTALL)
_COLUMN = re.compile(r'(?:^|,)\s*"?(\w+)"?\s*=')
_BY_KEY = re.compile(r'(?:\w+\.)?"?(\w+)"?\s*=\s*(?::(\w+)|(\d+))')
_MORE = re.compile(r"\b(?:FROM|RETURNING)\b", re.IGNORECASE)


def updated_by_text(frame: Frame, state: State, session: int, arguments: Arguments) -> None:
    """Execute plain SQL; of an ``UPDATE`` of all rows of a table, or of one by its primary key, nobody tells objects.

    Args:
        frame: The function that executes it.
        state: What is known; it is changed.
        session: The session.
        arguments: What is executed, and with which parameters.
    """
    call, values = bound_text(frame.module, arguments.node_of("statement", 0))
    given = arguments.node_of("params", 1)
    pairs = zip(given.keys, given.values, strict=True) if isinstance(given, ast.Dict) else ()
    values |= {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}
    found = _UPDATE.fullmatch(text(frame.module, call.args[0])) if call is not None and call.args else None
    if call is None or found is None or _MORE.search(found[0]):
        return
    for cls in {held.mapped.cls: held.mapped for held in state.objects.values()}.values():
        if table_name(cls.cls) != found[1]:
            continue
        key = _row(frame, state, cls, found[3], values)
        names = frozenset(name for name in _COLUMN.findall(found[2]) if name in cls.attributes)
        if key == "" or not names:
            continue
        write = Write(cls.cls, key, names, frame.place(call, "UPDATE"))
        wrote(state, session, write)
        left_behind(state, session, write)


def bound_text(module: Module, node: ast.expr | None) -> tuple[ast.Call | None, dict[str, ast.expr]]:
    """Return the call of ``text()`` that a statement is, and what ``bindparams()`` gives it.

    Args:
        module: The module that holds the statement.
        node: The statement.
    """
    call, values = made(module, node), dict[str, ast.expr]()
    while call is not None and isinstance(call.func, ast.Attribute) and call.func.attr == "bindparams":
        values |= {item.arg: item.value for item in call.keywords if item.arg is not None}
        call = made(module, call.func.value)
    return call, values


def _row(
    frame: Frame, state: State, mapped: MappedClass, where: str | None, values: Mapping[str, ast.expr]
) -> Key | None:  # fmt: skip
    """Return the primary key of the row that changes; None for all rows, an empty name for others."""
    if where is None:
        return None
    found = _BY_KEY.fullmatch(where.strip())
    keys = [name for name, attribute in mapped.attributes.items() if attribute.primary_key]
    if found is None or keys != [found[1]]:
        return ""
    if found[3]:
        return int(found[3])
    return key_of(frame, state, frame.module, values.get(found[2])) or ""
