"""What a program does with synchronous sessions, connections and engines, and what that becomes."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from flake8_async_sqla.migrate.colouring.decorators import calls_decorated
from flake8_async_sqla.migrate.colouring.offloaded import is_offloaded
from flake8_async_sqla.migrate.colouring.patching import takes_place
from flake8_async_sqla.migrate.colouring.registries import origin
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import MAKERS, TWINS, member_kind, sync_class
from flake8_async_sqla.migrate.project import nodes
from flake8_async_sqla.semantics.blocking.sync_io import CONNECTION, QUERY
from flake8_async_sqla.semantics.inference.calls import ENGINE, argument
from flake8_async_sqla.semantics.inference.classes import is_a, is_class, lineage, scope_of_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    External,
    Function,
    Instance,
    Manager,
    Member,
    ProjectClass,
    ProjectInstance,
    Type,
)

Action: TypeAlias = Literal["await", "bridge", "with", "schema", "run_sync", "sync_view", "inspect", "start", "refused"]

SCHEMA = frozenset({"create_all", "drop_all", "reflect", "create", "drop"})
_SESSION_ONLY = frozenset({"bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"})
_SYNC_RESULTS = frozenset({"get_bind", "object_session", "raw_connection"})
_TASKS = ("fastapi.BackgroundTasks", "starlette.background.BackgroundTasks")
_REGISTRY = "scoped_session has no counterpart without a scope function; give each request its own session first"
_VIEWS = frozenset({"sync_session", "sync_engine", "sync_connection"})
_EVENTS = frozenset({"sqlalchemy.event.listen", "sqlalchemy.event.listens_for", "sqlalchemy.event.remove"})
_HARMLESS = frozenset({"typing.cast", "typing.assert_type", "typing.reveal_type"})
_LOGGING = frozenset({"critical", "debug", "error", "exception", "info", "log", "success", "trace", "warning"})
_LOGGERS = ("logging.", "loguru.", "structlog.")
_EMPTY = ("abc.", "builtins.object", "typing.Generic")
_STARTED = ("awaitable_cm", "async_cm")


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing done with a synchronous object.

    Attributes:
        module: The module.
        node: The call, the ``with``, or the assignment.
        action: What becomes of it.
        name: What it is, as ``Session.commit``.
        target: The engine or connection of a ``schema`` operation, the argument of a ``sync_view``, the session that a
            ``bridge`` runs a function with.
        reason: Why a ``refused`` one has no asyncio form.
    """

    module: Module
    node: ast.Call | ast.With | ast.Assign
    action: Action
    name: str
    target: ast.expr | None = None
    reason: str = ""


def operations(kinds: Kinds, module: Module) -> Iterator[Operation]:
    """Yield what a module does with synchronous objects."""
    for node in nodes(module, ast.Call, ast.With):
        found = _with(kinds, module, node) if isinstance(node, ast.With) else None
        if isinstance(node, ast.Call):
            found = _member(kinds, module, node) or _schema(kinds, module, node) or _given_away(kinds, module, node)
        if found is not None:
            yield found


def is_sync_object(kind: Type) -> bool:
    """Tell whether a type is a synchronous session, connection, engine, factory or query."""
    return bool(sync_class(kind)) or is_a(kind, QUERY, "sqlalchemy.orm.scoped_session")


def is_event(kinds: Kinds, module: Module, call: ast.AST | None) -> bool:
    """Tell whether a call registers an event listener."""
    kind = kinds.of(module, call.func) if isinstance(call, ast.Call) else None
    return isinstance(kind, External) and kind.path in _EVENTS


def _member(kinds: Kinds, module: Module, call: ast.Call) -> Operation | None:
    kind = kinds.of(module, call.func)
    if not isinstance(call.func, ast.Attribute) or not isinstance(kind, Member) or is_view(call.func.value):
        return None
    if is_a(kind.receiver, "sqlalchemy.orm.scoped_session"):
        return _refused(module, call, "scoped_session", _REGISTRY)
    cls = sync_class(kind.receiver)
    if not cls:
        return None
    name = f"{cls.rpartition('.')[2]}.{kind.name}"
    if kind.name == "query":
        return _refused(module, call, name, "this query() has no select() form that is known to give the same rows")
    if kind.name in _SYNC_RESULTS:
        return _refused(module, call, name, f"{name}() gives a synchronous object with asyncio too")
    there = member_kind(cls, kind.name)
    entered = isinstance(module.parent(call), ast.withitem)
    if there == "coroutine" or (there == "awaitable_cm" and not entered):
        return Operation(module, call, "await", name)
    if there == "async_cm" and not entered:
        return _refused(module, call, name, f"{name}() can only be entered with 'async with'")
    if there is None and kind.name in _SESSION_ONLY:
        return Operation(module, call, "run_sync", name, call.func.value)
    if there is None and not entered:
        return _refused(module, call, name, f"{TWINS[cls].rpartition('.')[2]} has no {kind.name}()")
    return None


def _schema(kinds: Kinds, module: Module, call: ast.Call) -> Operation | None:
    """Recognise ``metadata.create_all(engine)``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in SCHEMA:
        return None
    bind = argument(call, "bind", 0)
    kind = kinds.of(module, bind)
    if bind is None or not is_a(kind, ENGINE, CONNECTION) or is_view(bind):
        return None
    return Operation(module, call, "schema", f"metadata.{call.func.attr}", bind)


def _given_away(kinds: Kinds, module: Module, call: ast.Call) -> Operation | None:
    """Recognise a synchronous object that is given to something that may use it."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    if kinds.of(module, call.func) == External("sqlalchemy.orm.object_session"):
        return _refused(module, call, "object_session", "object_session() gives a synchronous session with asyncio too")
    if kinds.of(module, call.func) == External("flask_sqlalchemy.SQLAlchemy"):
        return _refused(module, call, "SQLAlchemy", "Flask-SQLAlchemy works with synchronous sessions and nothing else")
    given = next((value for value in values if is_sync_object(kinds.of(module, value)) and not is_view(value)), None)
    if given is None:
        return None
    kind = kinds.of(module, call.func)
    if isinstance(kind, External) and is_class(kind, "sqlalchemy.orm.scoped_session"):
        if origin(module, call) in kinds.registries:
            return None
        return _refused(module, call, "scoped_session", _REGISTRY)
    if kind == External("sqlalchemy.inspect") and is_a(kinds.of(module, given), ENGINE) and len(call.args) == 1:
        return Operation(module, call, "inspect", "inspect", given)
    if is_event(kinds, module, call):
        return Operation(module, call, "sync_view", "event.listen", given)
    ours = isinstance(kind, (Function, ProjectClass, ProjectInstance)) or calls_decorated(kinds, module, call)
    offloaded = (kinds.of(module, value) for value in values if is_offloaded(module, value))
    ours = ours or any(isinstance(found, Function) for found in offloaded)
    if (
        ours
        or _takes_it(kind)
        or _is_builtin(module, call.func)
        or _is_missing(kinds, module, call.func)
        or _logs(kinds, module, call.func)
        or takes_place(kinds, module, call)
    ):
        return None
    what = ast.unparse(call.func)
    thing = (sync_class(kinds.of(module, given)) or QUERY).rpartition(".")[2]
    return _refused(module, call, what, f"{what}() gets a synchronous {thing}, and may use it as one")


def _takes_it(kind: Type) -> bool:
    """Tell whether an external callable takes synchronous and asynchronous objects alike, once it is migrated."""
    if isinstance(kind, External):
        makes = is_class(kind, *TWINS, "sqlalchemy.orm.scoped_session") or kind.path in MAKERS
        return makes or kind.path in _HARMLESS or kind.path.startswith("builtins.")
    if isinstance(kind, Member):
        return is_a(kind.receiver, "contextvars.ContextVar", *_TASKS) or bool(sync_class(kind.receiver))
    return isinstance(kind, Instance) and bool(sync_class(kind))


def _is_builtin(module: Module, func: ast.expr) -> bool:
    return isinstance(func, ast.Name) and hasattr(builtins, func.id) and module.scope_of(func).lookup(func.id) is None


def _logs(kinds: Kinds, module: Module, func: ast.expr) -> bool:
    """Tell whether a call only writes a message."""
    if not isinstance(func, ast.Attribute) or func.attr not in _LOGGING:
        return False
    held = module.scope_of(func).lookup(func.value.id) if isinstance(func.value, ast.Name) else None
    made = next((binding.value for binding in held[1]), None) if held is not None else func.value
    kind = kinds.of(module, made.func if isinstance(made, ast.Call) else func.value)
    return isinstance(kind, External) and f"{kind.path}.".startswith(_LOGGERS)


def _is_missing(kinds: Kinds, module: Module, func: ast.expr) -> bool:
    """Tell whether a call asks an object for a method that its class does not have, and so fails in any case."""
    holder = kinds.of(module, func.value) if isinstance(func, ast.Attribute) else None
    if not isinstance(func, ast.Attribute) or not isinstance(holder, ProjectInstance):
        return False
    for cls in lineage(holder.cls):
        if not isinstance(cls, ProjectClass):
            if not cls.startswith(_EMPTY):
                return False
            continue
        known = [
            kinds.of(cls.module, base.value if isinstance(base, ast.Subscript) else base) for base in cls.node.bases
        ]
        scope = scope_of_class(cls)
        names = {*scope.names, *scope.attributes}
        if cls.node.decorator_list or cls.node.keywords or {func.attr, "__getattr__"} & names or UNKNOWN in known:
            return False
    return True


def _with(kinds: Kinds, module: Module, block: ast.With) -> Operation | None:
    entered = [enters(kinds, module, item.context_expr) for item in block.items]
    name = next((name for name in entered if name), "")
    return Operation(module, block, "with", name) if name else None


def enters(kinds: Kinds, module: Module, node: ast.expr) -> str:
    """Name the synchronous object that ``with`` enters; empty for something else.

    Args:
        kinds: Types.
        module: The module.
        node: What is entered.
    """
    kind = kinds.of(module, node)
    if is_view(node):
        return ""
    callee = kinds.of(module, node.func) if isinstance(node, ast.Call) else None
    if isinstance(callee, Member) and (cls := sync_class(callee.receiver)):
        there = member_kind(cls, callee.name)
        return f"{cls.rpartition('.')[2]}.{callee.name}" if there in _STARTED else ""
    if isinstance(kind, Manager):
        return ""
    cls = sync_class(kind)
    return cls.rpartition(".")[2] if cls and cls != ENGINE else ""


def is_view(node: ast.expr) -> bool:
    """Tell whether an expression means the synchronous side of an async object."""
    return any(isinstance(part, ast.Attribute) and part.attr in _VIEWS for part in ast.walk(node))


def _refused(module: Module, node: ast.Call, name: str, reason: str) -> Operation:
    return Operation(module, node, "refused", name, reason=reason)
