"""Calls that talk to the database through a synchronous engine, connection, session or query."""

from __future__ import annotations

import ast
from typing import NamedTuple

from flake8_async_sqla.semantics.inference.calls import (
    ASYNC_ENGINE,
    ASYNC_SESSION,
    ENGINE,
    SCOPED_SESSION,
    SESSION,
    SESSIONMAKER,
    argument,
)
from flake8_async_sqla.semantics.inference.classes import is_a, kept
from flake8_async_sqla.semantics.inference.frames import Frame
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION
from flake8_async_sqla.semantics.objects.origins import engine_of, origin_of
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    External,
    Instance,
    Manager,
    Member,
    ProjectInstance,
    Type,
)

CONNECTION = "sqlalchemy.Connection"
QUERY = "sqlalchemy.orm.Query"
SYNC = (SESSION, SCOPED_SESSION, CONNECTION, ENGINE, QUERY)
_SESSION_IO = frozenset(
    {
        "begin_nested", "bulk_insert_mappings", "bulk_save_objects", "bulk_update_mappings", "commit", "connection",
        "exec", "execute", "flush", "get", "get_one", "merge", "refresh", "rollback", "scalar", "scalars",
    }
)  # fmt: skip
_IO = {
    SESSION: _SESSION_IO,
    SCOPED_SESSION: _SESSION_IO,
    ENGINE: frozenset(
        {"begin", "connect", "execute", "has_table", "raw_connection", "run_callable", "scalar", "table_names"}
    ),
    CONNECTION: frozenset(
        {"begin_nested", "commit", "exec_driver_sql", "execute", "rollback", "run_callable", "scalar", "scalars"}
    ),
    QUERY: frozenset({"all", "count", "delete", "first", "get", "one", "one_or_none", "scalar", "update", "value"}),
}
_ENTERED = {SESSION: "begin", SCOPED_SESSION: "begin", CONNECTION: "begin", SESSIONMAKER: "begin"}
_NAMES = frozenset().union(*_IO.values(), _ENTERED.values())
_DDL = frozenset({"create_all", "drop_all", "reflect", "create", "drop"})
_READERS = frozenset({"read_sql", "read_sql_query", "read_sql_table"})
_CONSUMING = frozenset({"list", "tuple", "set", "sorted", "next"})
_SYNC_VIEWS = frozenset({"sync_connection", "sync_engine", "sync_session"})
MAX_HOPS = 4


class SyncIO(NamedTuple):
    """One blocking operation.

    Attributes:
        receiver: The expression that means the engine, connection, session or query.
        kind: Its type.
        member: What is done with it, as ``Session.execute``.
    """

    receiver: ast.expr
    kind: Instance | ProjectInstance
    member: str


def sync_io(frame: Frame, node: ast.AST) -> SyncIO | None:
    """Tell whether a call or loop of a function's own body talks to the database synchronously.

    Args:
        frame: The function.
        node: A call or a ``for`` loop in it.
    """
    found = _of_loop(frame, node.iter) if isinstance(node, ast.For) else None
    if isinstance(node, ast.Call):
        found = _of_member(frame, node) or _of_argument(frame, node)
        if found is None and _consumed(frame, node):
            found = _of_loop(frame, node)
    return found if found is not None and is_blocking(frame, found.receiver, found.kind) else None


def _of_member(frame: Frame, call: ast.Call) -> SyncIO | None:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _NAMES:
        return None
    member = frame.type_of(func)
    if not isinstance(member, Member):
        return None
    kind, name = member.receiver, member.name
    entered = isinstance(frame.module.parent(call), ast.withitem)
    for cls, names in _IO.items():
        if is_a(kind, cls) and (name in names or (entered and _ENTERED.get(cls) == name)):
            return SyncIO(func.value, kind, f"{cls.rpartition('.')[2]}.{name}")
    if entered and is_a(kind, SESSIONMAKER) and name == "begin":
        made = frame.type_of(call)
        session = made.result if isinstance(made, Manager) else UNKNOWN
        if isinstance(session, (Instance, ProjectInstance)) and is_a(session, SESSION):
            return SyncIO(func.value, session, "sessionmaker.begin")
    return None


def _of_argument(frame: Frame, call: ast.Call) -> SyncIO | None:
    """Recognise ``metadata.create_all(engine)`` and ``pandas.read_sql(query, engine)``."""
    func = call.func
    if not isinstance(func, ast.Attribute):
        return None
    if func.attr in _DDL:
        given = argument(call, "bind", 0)
        member = f"metadata.{func.attr}"
    elif func.attr in _READERS and frame.type_of(func) == External(f"pandas.{func.attr}"):
        given = argument(call, "con", 1)
        member = f"pandas.{func.attr}"
    elif func.attr == "to_sql":
        given, member = argument(call, "con", 1), "DataFrame.to_sql"
    else:
        return None
    kind = frame.type_of(given) if given is not None else UNKNOWN
    if given is not None and isinstance(kind, (Instance, ProjectInstance)) and is_a(kind, ENGINE, CONNECTION):
        return SyncIO(given, kind, member)
    return None


def _consumed(frame: Frame, call: ast.Call) -> bool:
    """Tell whether a call stands where it is iterated at once: in a comprehension, in ``list()``, before ``[0]``."""
    outer = frame.module.parent(call)
    if isinstance(outer, (ast.comprehension, ast.Subscript)):
        return getattr(outer, "iter", None) is call or getattr(outer, "value", None) is call
    return isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in _CONSUMING


def _of_loop(frame: Frame, node: ast.expr) -> SyncIO | None:
    kind = frame.type_of(node)
    if isinstance(kind, (Instance, ProjectInstance)) and is_a(kind, QUERY):
        return SyncIO(node, kind, "Query.__iter__")
    return None


def is_blocking(frame: Frame, node: ast.expr, kind: Type) -> bool:
    """Tell whether IO on a sync object blocks: not where an async engine stands behind it, as in ``sync_session``."""
    if not is_a(kind, *SYNC) or _is_view(frame, node, MAX_HOPS):
        return False
    engine = engine_of(kind)
    made = [origin.module.type_of(origin.call) for found in (kind, engine) if (origin := origin_of(found)) is not None]
    made = [item.result if isinstance(item, Manager) else item for item in made]
    return not any(is_a(item, ASYNC_ENGINE, ASYNC_SESSION, ASYNC_CONNECTION) for item in (engine, *made))


def _is_view(frame: Frame, node: ast.expr, hops: int) -> bool:
    """Tell whether an expression means the sync side of an async object."""
    if isinstance(node, ast.Attribute):
        inner = kept(frame.module, node) if hops else None
        views = node.attr in _SYNC_VIEWS or (inner is not None and _is_view(frame, inner, hops - 1))
        return views or _is_view(frame, node.value, hops)
    if isinstance(node, ast.Call):
        values = [node.func, *node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "bind")]
        return any(_is_view(frame, value, hops) for value in values)
    if isinstance(node, ast.Name) and hops and (binding := frame.binding(node)) is not None:
        return binding.value is not None and _is_view(frame, binding.value, hops - 1)
    return False
