"""``update()`` of many rows: what it does to the objects that a session holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.expressions.builtin import CLAUSES
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import UNSURE, Loaded, State, Unloaded
from flake8_async_sqla.semantics.flow.state.keys import compared
from flake8_async_sqla.semantics.flow.state.session import Key, Write
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.unit_of_work.sameness import related
from flake8_async_sqla.semantics.flow.unit_of_work.staleness import left_behind, wrote
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.constants import made
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.types import External, ProjectClass

_ORDINARY = frozenset({"where", "values", "execution_options"})
_UPDATES = frozenset({"sqlalchemy.update", "sqlalchemy.sql.update", "sqlalchemy.sql.expression.update"})


def updated(frame: Frame, state: State, session: int, arguments: Arguments) -> bool:
    """Execute an ``update()`` of a mapped class.

    It sets columns of the objects, or expires them; a column that the database computes, at each UPDATE or by a
    function in this one, is expired, of the objects that certainly match.

    Args:
        frame: The function that executes it.
        state: What is known; it is changed.
        session: The session.
        arguments: What is executed, and how.

    Returns:
        Whether it is one.
    """
    links = []
    node: ast.expr | None = made(frame.module, arguments.node_of("statement", 0))
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
        links.append(node)
        node = node.func.value
    kind = frame.module.type_of(node.func) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or not node.args or not isinstance(kind, External) or kind.path not in _UPDATES:
        return False
    cls = frame.module.type_of(node.args[0])
    mapped = mapped_class(cls) if isinstance(cls, ProjectClass) else None
    if mapped is None:
        return False
    matched, given = _matched(frame, state, mapped, links), _given(links)
    computed = {name for name, item in mapped.attributes.items() if item.server_onupdate} - {*(given or ())}
    computed |= {name for name, value in (given or {}).items() if _by_function(frame, value)}
    place = frame.place(node, f"update({mapped.cls.node.name})")
    row = _matched(frame, state, mapped, [link for link in links if _name(link) != "execution_options"])
    write = Write(mapped.cls, row, _written(mapped, links), place)
    if row != "" and write.names:
        wrote(state, session, write)
    if row != "" and any(_alone(given) for given in _execution_options(arguments, links)):
        left_behind(state, session, write)
        return True
    for number, held in [*state.objects.items()]:
        if held.session != session or not related(held.mapped.cls, mapped.cls):
            continue
        certain = given is not None and held.mapped.cls == mapped.cls and matched in (None, held.key)
        expired = computed if certain and held.life in ("persistent", "flushed") else ()
        for name, attribute in held.mapped.attributes.items():
            if attribute.kind == "relationship" or not isinstance(slot_of(held, name), Loaded):
                continue
            held = held.having(name, Unloaded("expired", place) if name in expired else UNSURE)
        state.objects[number] = replace(held, tied=True, stale=None)
    return True


def _execution_options(arguments: Arguments, links: list[ast.Call]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the options that a statement, or the call that executes it, is given by name."""
    for link in links:
        if _name(link) == "execution_options":
            yield from ((keyword.arg, keyword.value) for keyword in link.keywords if keyword.arg is not None)
    given = arguments.node_of("execution_options", 2)
    for key, value in zip(given.keys, given.values, strict=True) if isinstance(given, ast.Dict) else ():
        if isinstance(key, ast.Constant):
            yield str(key.value), value


def _alone(option: tuple[str, ast.expr]) -> bool:
    """Tell whether an option leaves the objects of the session alone."""
    name, value = option
    return name == "synchronize_session" and isinstance(value, ast.Constant) and value.value is False


def _by_function(frame: Frame, value: ast.expr) -> bool:
    """Tell whether a value calls a function of the database, which nothing evaluates in Python."""
    if isinstance(value, ast.BinOp):
        return _by_function(frame, value.left) or _by_function(frame, value.right)
    kind = frame.module.type_of(value.func) if isinstance(value, ast.Call) else None
    return isinstance(kind, External) and kind.path.startswith(CLAUSES)


def _matched(frame: Frame, state: State, mapped: MappedClass, links: list[ast.Call]) -> Key | None:
    """Return the primary key of the only row that is updated; None for all rows, an empty name for others."""
    found: Key | None = None
    for link in links:
        name = _name(link)
        if name == "where" and found is None and len(link.args) == 1:
            found = compared(frame, state, frame.module, mapped, link.args[0]) or ""
        elif name != "values":
            return ""
    return found


def _written(mapped: MappedClass, links: list[ast.Call]) -> frozenset[str]:
    """Return the names of the columns that are certainly set: those that are given, and those that change with them."""
    names: set[str] = set()
    for link in links if all(_name(link) in _ORDINARY for link in links) else ():
        for given in link.args if _name(link) == "values" else ():
            for key in given.keys if isinstance(given, ast.Dict) else ():
                if isinstance(key, ast.Attribute):
                    names.add(key.attr)
                elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                    names.add(key.value)
        names |= {keyword.arg for keyword in link.keywords if keyword.arg and _name(link) == "values"}
    known = {name for name in names if name in mapped.attributes}
    return frozenset(known | {name for name, item in mapped.attributes.items() if known and item.server_onupdate})


def _name(link: ast.Call) -> str:
    return link.func.attr if isinstance(link.func, ast.Attribute) else ""


def _given(links: list[ast.Call]) -> dict[str, ast.expr] | None:
    """Return the columns that are set by their names; None if they cannot be seen."""
    given: dict[str, ast.expr] = {}
    for link in links:
        if isinstance(link.func, ast.Attribute) and link.func.attr == "values":
            if link.args or any(keyword.arg is None for keyword in link.keywords):
                return None
            given |= {keyword.arg: keyword.value for keyword in link.keywords if keyword.arg is not None}
    return given or None
