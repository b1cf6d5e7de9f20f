"""Which statement enters an object: ``with``, ``async with``, both or none."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from flake8_async_sqla.rules.drivers import sync_engine_possible
from flake8_async_sqla.rules.sync_api.objects import lacks
from flake8_async_sqla.semantics.awaiting.coroutines import class_name, kinds
from flake8_async_sqla.semantics.engine.engines import engine_call
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, FACTORIES, REGISTRIES
from flake8_async_sqla.semantics.inference.classes import instance_attribute, is_a
from flake8_async_sqla.semantics.inference.members import fact, knows, member_call
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION
from flake8_async_sqla.semantics.objects.origins import engine_of, origin_of
from flake8_async_sqla.semantics.sessions.database_io import reaches_database
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Coroutine,
    External,
    Function,
    Instance,
    Manager,
    Member,
    ProjectInstance,
    Type,
)

Protocol = Literal["sync", "async", "both", "none", "method"]
_SYNC = ("sqlalchemy.Engine", "sqlalchemy.Connection", "sqlalchemy.orm.Session")
_ADVICE = {
    "sqlalchemy.ext.asyncio.AsyncEngine": "use engine.connect() or engine.begin()",
    "sqlalchemy.ext.asyncio.async_scoped_session": "call it for a session",
}


@dataclass(frozen=True, slots=True)
class Entered:
    """What is given to a ``with`` statement.

    Attributes:
        protocol: The statement that it wants; ``method`` where its call is missing.
        what: How it is called in messages.
        advice: What to do, where that is not to change the statement.
        called: What the call would give, where it is missing.
    """

    protocol: Protocol
    what: str
    advice: str = ""
    called: Type = UNKNOWN

    def called_fits(self, is_async: bool) -> bool:
        """Tell whether what the missing call gives can be entered as it stands."""
        if isinstance(self.called, Coroutine):
            return self.called.manager and is_async
        return isinstance(self.called, Manager) and self.called.is_async == is_async


def entered(module: Module, node: ast.expr) -> Entered | None:
    """Say which statement enters an expression; ``None`` if that is not certain."""
    if isinstance(node, ast.Attribute) and node.attr == "no_autoflush":
        holder = module.type_of(node.value)
        known = fact(holder.cls, node.attr) if isinstance(holder, Instance) else None
        return Entered("sync", f"{ast.unparse(node)}") if known is not None else None
    kind = module.type_of(node)
    if isinstance(kind, Member):
        return _method(module, kind)
    if isinstance(node, ast.Call) and isinstance(callee := module.type_of(node.func), Member):
        return _product(module, callee, kind)
    if isinstance(kind, Coroutine) and kind.manager and is_a(kind.result, ASYNC_SESSION, ASYNC_CONNECTION):
        return Entered("async", f"what {ast.unparse(node)} gives")
    return _manager(kind) or _object(kind, node)


def _method(module: Module, method: Member) -> Entered | None:
    found = kinds(module, method)
    if not found or found & {"property", "attribute"}:
        return None
    name = f"{class_name(method)}.{method.name}"
    return Entered("method", f"the method {name}", f"call it: {method.name}()", member_call(method))


def _product(module: Module, callee: Member, kind: Type) -> Entered | None:
    found = kinds(module, callee)
    what = f"what {class_name(callee)}.{callee.name}() gives"
    if found and found <= {"awaitable_cm", "async_cm"}:
        return Entered("async", what)
    if found == {"context_manager"}:
        if isinstance(kind, Manager) and is_a(kind.result, ASYNC_SESSION):
            return Entered("async", what)
        return Entered("sync", what) if _certainly_sync(callee.receiver) else None
    if found == {"coroutine"}:
        return Entered("none", f"the coroutine {class_name(callee)}.{callee.name}()", "await it without 'with'")
    return _object(kind, None) if found == {"sync"} else None


def _certainly_sync(kind: Type) -> bool:
    """Tell whether the engine behind an object can be seen to be synchronous: annotations and classes may be wrong."""
    origin = origin_of(engine_of(kind))
    callee = origin.module.type_of(origin.call.func) if origin is not None else UNKNOWN
    if origin is None or not isinstance(callee, External):
        return False
    engine = engine_call(origin.module, origin.call, callee.path)
    if engine is None or engine.is_async:
        return False
    found = urls(origin.module, engine.url)
    return bool(found) and all(sync_engine_possible(url, origin.module.project.settings.targets) for url in found)


def _manager(kind: Type) -> Entered | None:
    """Judge the project's own context managers by what they give."""
    if isinstance(kind, Manager) and is_a(kind.result, ASYNC_SESSION, ASYNC_CONNECTION):
        return Entered("async" if kind.is_async else "sync", "this context manager")
    return None


def _object(kind: Type, node: ast.expr | None) -> Entered | None:
    if not isinstance(kind, (Instance, ProjectInstance)) or is_a(kind, *FACTORIES):
        return None
    if is_a(kind, *_SYNC) and not _certainly_sync(kind):
        return None
    cls = kind.cls if isinstance(kind, Instance) else _external(kind)
    if not cls and isinstance(kind, ProjectInstance):
        return _own(kind)
    if not cls or not knows(cls) or not cls.startswith(("sqlalchemy.", "sqlmodel.")):
        return None
    sync, asynchronous = (_has(kind, cls, name) for name in ("__enter__", "__aenter__"))
    name = cls.rpartition(".")[2]
    if sync and asynchronous:
        return Entered("both", name)
    if is_a(kind, *REGISTRIES) or not (sync or asynchronous):
        return Entered("none", f"'{name}' object", _ADVICE.get(cls, "do not enter it"))
    return Entered("sync" if sync else "async", f"'{name}' object")


def _own(kind: ProjectInstance) -> Entered | None:
    """Judge the project's own classes that only ``async with`` enters, where that talks to the database."""
    methods = [instance_attribute(kind, name) for name in ("__aenter__", "__aexit__")]
    if not all(isinstance(method, Function) for method in methods) or not lacks(kind, "__enter__"):
        return None
    talks = any(isinstance(method, Function) and reaches_database(method) for method in methods)
    return Entered("async", f"'{kind.cls.node.name}' object") if talks else None


def _has(kind: Instance | ProjectInstance, cls: str, name: str) -> bool:
    if isinstance(kind, ProjectInstance):
        return instance_attribute(kind, name) is not UNKNOWN
    return fact(cls, name) is not None


def _external(kind: ProjectInstance) -> str:
    """Return the SQLAlchemy class that a project's class derives from."""
    return next((path for path in (ASYNC_SESSION, ASYNC_CONNECTION, *_SYNC) if is_a(kind, path)), "")
