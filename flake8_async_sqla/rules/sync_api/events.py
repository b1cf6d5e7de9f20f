"""Calls that register listeners for SQLAlchemy's events."""

from __future__ import annotations

import ast

from flake8_async_sqla.rules.sync_api.objects import ASYNC_CONNECTION
from flake8_async_sqla.semantics.inference.calls import (
    ASYNC_ENGINE,
    ASYNC_SCOPED_SESSION,
    ASYNC_SESSION,
    ASYNC_SESSIONMAKER,
    SESSIONMAKER,
    argument,
)
from flake8_async_sqla.semantics.inference.classes import is_a, is_class
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Instance, Type

LISTENS_FOR = "sqlalchemy.event.listens_for"
LISTEN = "sqlalchemy.event.listen"
_EVENT_CALLS = (LISTENS_FOR, LISTEN, "sqlalchemy.event.remove", "sqlalchemy.event.contains")
_SYNC_SIDE = {ASYNC_ENGINE: "sync_engine", ASYNC_CONNECTION: "sync_connection", ASYNC_SESSION: "sync_session"}
_SYNC_CLASS = {
    ASYNC_ENGINE: "sqlalchemy.Engine",
    ASYNC_CONNECTION: "sqlalchemy.Engine",
    ASYNC_SESSION: "sqlalchemy.orm.Session",
    ASYNC_SESSIONMAKER: "sqlalchemy.orm.Session",
}


def event_target(module: Module, call: ast.Call) -> ast.expr | None:
    """Return the target of a call of ``event.listen()`` and its kin; ``None`` if it is another call."""
    return argument(call, "target", 0) if callee(module, call) in _EVENT_CALLS else None


def sync_attribute(kind: Type) -> str:
    """Name the attribute of an async object that holds its synchronous side, where listeners belong; empty if none."""
    return next((name for cls, name in _SYNC_SIDE.items() if is_a(kind, cls)), "")


def sync_class(kind: Type) -> str:
    """Name the class whose listeners are meant where a type is an async class or a factory of async sessions."""
    if is_a(kind, ASYNC_SESSIONMAKER, ASYNC_SCOPED_SESSION):
        return "sqlalchemy.orm.Session"
    if isinstance(kind, Instance) and is_a(kind, SESSIONMAKER):
        return "sqlalchemy.orm.Session" if kind.args and is_a(kind.args[0], ASYNC_SESSION) else ""
    return next((sync for cls, sync in _SYNC_CLASS.items() if is_class(kind, cls)), "")
