"""Verdicts about pool classes, shared by the rules about pools."""

from __future__ import annotations

import ast

from flake8_async_sqla.facts.keywords_generated import POOL_KEYWORDS
from flake8_async_sqla.fixes.vocabulary import (
    AddKeyword,
    Code,
    Edit,
    Fix,
    Refusal,
    RemoveArgument,
    ReplaceExpression,
    unsafe,
)
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.text import picked
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl, urls
from flake8_async_sqla.semantics.inference.classes import is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Instance, ProjectClass, ProjectInstance

BLOCKING = ("sqlalchemy.pool.QueuePool", "sqlalchemy.pool.SingletonThreadPool")
_BOUND_TO_LOOP = frozenset({"asyncpg"})
SETTINGS = ("pool_size", "max_overflow", "pool_timeout", "pool_use_lifo")
ADAPTED = ("sqlalchemy.pool.AsyncAdaptedQueuePool", "sqlalchemy.pool.FallbackAsyncAdaptedQueuePool")


def choices(module: Module, keyword: ast.keyword | None) -> list[ast.expr]:
    """List the expressions that a keyword may take its value from."""
    if keyword is None:
        return []
    value = keyword.value
    if isinstance(value, ast.Subscript):
        found = picked(module, value.value, value.slice) or [value]
        return found if len({module.type_of(item) for item in found}) == 1 else [value]
    return [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]


def blocking_pool(module: Module, node: ast.expr) -> str:
    """Return the name of the blocking pool class that an expression is, or is an instance of; else an empty string."""
    kind = module.type_of(node)
    if is_class(kind, *ADAPTED) or is_a(kind, *ADAPTED):
        return ""
    if is_class(kind, *BLOCKING) or is_a(kind, *BLOCKING):
        return _name(kind)
    if isinstance(node, ast.Call) and module.type_of(node.func) == External("sqlalchemy.create_pool_from_url"):
        return "QueuePool"
    return ""


def _name(kind: object) -> str:
    match kind:
        case External(path=path) | Instance(cls=path):
            return path.rpartition(".")[2]
        case ProjectClass(node=node) | ProjectInstance(cls=ProjectClass(node=node)):
            return node.name
    return ""


def pools_of(engine: EngineCall, module: Module, version: str) -> list[str]:
    """List the names of the pool classes an engine may get, as far as they can be told.

    Args:
        engine: The engine call.
        module: Its module.
        version: SQLAlchemy series.
    """
    keyword = engine.keyword("poolclass")
    if keyword is not None:
        kinds = [module.type_of(pool) for pool in choices(module, keyword)]
        names = [kind.path.rpartition(".")[2] for kind in kinds if isinstance(kind, External)]
        return [name for name in names if name in POOL_KEYWORDS[version]]
    if engine.open or engine.from_config or engine.keyword("pool") is not None:
        return []
    found = {_default(url, engine.is_async, version) for url in urls(module, engine.url)}
    return [name for name in found if name] if len(found) == 1 else []


def _default(url: DatabaseUrl, is_async: bool, version: str) -> str:
    if url.backend != "sqlite":
        return "AsyncAdaptedQueuePool" if is_async else "QueuePool"
    if url.driver not in ("", "pysqlite", "aiosqlite"):
        return ""
    if url.database in ("", ":memory:"):
        return "StaticPool" if is_async else "SingletonThreadPool"
    if "mode" in url.query or "\0" in url.database[:9] or url.database.startswith("file:"):
        return ""
    if version == "1.4":
        return "NullPool"
    return "AsyncAdaptedQueuePool" if is_async else "QueuePool"


def certainly_pooled(engine: EngineCall, module: Module) -> bool:
    """Tell whether an engine keeps its connections: its pool class can be seen, and is not ``NullPool``."""
    if engine.open or engine.from_config or engine.keyword("pool") is not None:
        return False
    keyword = engine.keyword("poolclass")
    if keyword is None:
        return True
    kind = module.type_of(keyword.value)
    return is_class(kind, *ADAPTED, "sqlalchemy.pool.StaticPool")


def keeps_connections(engine: EngineCall, module: Module) -> bool:
    """Tell whether an engine certainly keeps connections that belong to the event loop they were made in."""
    found = urls(module, engine.url)
    return bool(found) and all(url.driver in _BOUND_TO_LOOP for url in found) and certainly_pooled(engine, module)


def without_pool(engine: EngineCall) -> Fix | Refusal:
    """Describe the fix that gives an engine ``NullPool``."""
    pool = Code("{pool}", symbols={"pool": "sqlalchemy.pool.NullPool"})
    given = engine.keyword("poolclass")
    settings = [keyword for keyword in engine.keywords if keyword.arg in SETTINGS]
    if not all(engine.holds(keyword) for keyword in [given, *settings] if keyword is not None):
        return Refusal("the pool is chosen in a mapping that others may read")
    choose = AddKeyword(engine.options, "poolclass", pool) if given is None else ReplaceExpression(given.value, pool)
    edits: list[Edit] = [choose, *(RemoveArgument(engine.options, keyword) for keyword in settings)]
    return unsafe("every use of the engine makes a connection of its own", *edits)
