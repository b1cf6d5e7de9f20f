"""Live SQLAlchemy objects on an in-memory database, to call the members of."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext import asyncio as sa_asyncio
from sqlalchemy.pool import StaticPool

Base = orm.declarative_base()


class User(Base):  # type: ignore[misc,valid-type]
    """A mapped class to query."""

    __tablename__ = "user"
    id = sa.Column(sa.Integer, primary_key=True)


_STATEMENT = sa.select(sa.literal(1).label("id"))
_SELECT = (_STATEMENT,)
_SQL = ("SELECT 1",)

# What must be called to learn what it gives: in these classes a plain function may return an awaitable.
CALLS: dict[str, dict[str, tuple[Any, ...]]] = {
    "sqlalchemy.ext.asyncio.AsyncEngine": {
        "begin": (),
        "connect": (),
        "execution_options": (),
        "raw_connection": (),
    },
    "sqlalchemy.ext.asyncio.AsyncConnection": {
        "__aenter__": (),
        "begin": (),
        "begin_nested": (),
        "exec_driver_sql": _SQL,
        "execute": _SELECT,
        "execution_options": (),
        "scalars": _SELECT,
        "start": (),
        "stream": _SELECT,
        "stream_scalars": _SELECT,
    },
    "sqlalchemy.ext.asyncio.AsyncTransaction": {"__aenter__": (), "start": ()},
    "sqlalchemy.ext.asyncio.AsyncSessionTransaction": {"__aenter__": (), "start": ()},
    "sqlalchemy.ext.asyncio.AsyncSession": {
        "__aenter__": (),
        "begin": (),
        "begin_nested": (),
        "connection": (),
        "execute": _SELECT,
        "get_async_bind": (),
        "get_bind": (),
        "scalars": _SELECT,
        "stream": _SELECT,
        "stream_scalars": _SELECT,
    },
    "sqlalchemy.ext.asyncio.async_scoped_session": {
        "__call__": (),
        "begin": (),
        "begin_nested": (),
        "connection": (),
        "execute": _SELECT,
        "scalars": _SELECT,
        "stream": _SELECT,
        "stream_scalars": _SELECT,
    },
    "sqlalchemy.ext.asyncio.async_sessionmaker": {"__call__": (), "begin": ()},
    "sqlalchemy.ext.asyncio.AsyncResult": {
        "__aiter__": (),
        "columns": (0,),
        "mappings": (),
        "partitions": (),
        "scalars": (),
        "tuples": (),
        "unique": (),
        "yield_per": (5,),
    },
    "sqlalchemy.ext.asyncio.AsyncScalarResult": {"__aiter__": (), "partitions": (), "unique": (), "yield_per": (5,)},
    "sqlalchemy.ext.asyncio.AsyncMappingResult": {
        "__aiter__": (),
        "columns": ("id",),
        "partitions": (),
        "unique": (),
        "yield_per": (5,),
    },
    "sqlalchemy.engine.Engine": {"begin": (), "connect": (), "execution_options": ()},
    "sqlalchemy.engine.Connection": {
        "begin": (),
        "begin_nested": (),
        "exec_driver_sql": _SQL,
        "execute": _SELECT,
        "execution_options": (),
    },
    "sqlalchemy.orm.Session": {
        "begin": (),
        "begin_nested": (),
        "connection": (),
        "execute": _SELECT,
        "query": (User,),
        "scalars": _SELECT,
    },
    "sqlalchemy.orm.sessionmaker": {"__call__": (), "begin": ()},
    "sqlalchemy.orm.scoped_session": {
        "__call__": (),
        "begin": (),
        "begin_nested": (),
        "connection": (),
        "execute": _SELECT,
        "query": (User,),
        "scalars": _SELECT,
    },
    "sqlalchemy.engine.Result": {
        "columns": (0,),
        "mappings": (),
        "scalars": (),
        "unique": (),
        "yield_per": (5,),
    },
    "sqlalchemy.orm.Query": {
        "distinct": (),
        "filter": (User.id == 1,),
        "filter_by": (),
        "join": (User, User.id == 1),
        "limit": (1,),
        "offset": (1,),
        "options": (),
        "order_by": (User.id,),
    },
}
CALLS["sqlalchemy.engine.CursorResult"] = CALLS["sqlalchemy.engine.Result"]
CALLS["sqlalchemy.engine.ScalarResult"] = {"unique": (), "yield_per": (5,)}
CALLS["sqlalchemy.engine.MappingResult"] = {"columns": ("id",), "unique": (), "yield_per": (5,)}


class Instances:
    """Builds one live object per class and calls members on fresh ones; an async context manager."""

    async def __aenter__(self) -> Instances:
        """Prepare the databases."""
        self._async_engine = sa_asyncio.create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
        self._engine = sa.create_engine("sqlite://", poolclass=StaticPool)
        self._samples: dict[str, Any] = {}
        self._alive: list[Any] = []  # the garbage collector would close the connection that all objects share
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the databases."""
        await self._async_engine.dispose()
        self._engine.dispose()

    async def sample(self, path: str) -> Any:
        """Give the object of this class that attributes are read from; None when none can be made alone."""
        if path not in self._samples:
            try:
                self._samples[path] = await self._fresh(path)
            except LookupError:
                self._samples[path] = None
        return self._samples[path]

    def _make(self, path: str) -> Any:
        match path.rpartition(".")[2]:
            case "AsyncEngine":
                return self._async_engine
            case "AsyncConnection":
                return self._async_engine.connect()
            case "AsyncSession" if path.startswith("sqlalchemy."):
                return sa_asyncio.AsyncSession(self._async_engine)
            case "AsyncSessionTransaction":
                return sa_asyncio.AsyncSession(self._async_engine).begin()
            case "async_sessionmaker":
                return sa_asyncio.async_sessionmaker(self._async_engine)
            case "async_scoped_session":
                maker: Any = getattr(sa_asyncio, "async_sessionmaker", orm.sessionmaker)  # 1.4 has the sync one only
                factory = maker(self._async_engine, class_=sa_asyncio.AsyncSession)
                return sa_asyncio.async_scoped_session(factory, lambda: 1)
            case "Engine":
                return self._engine
            case "Connection":
                return self._engine.connect()
            case "Session" if path.startswith("sqlalchemy."):
                return orm.Session(self._engine, future=True)
            case "sessionmaker":
                return orm.sessionmaker(self._engine, future=True)
            case "scoped_session":
                return orm.scoped_session(orm.sessionmaker(self._engine, future=True))
            case "Transaction" | "RootTransaction":
                return self._engine.connect().begin()
            case "SessionTransaction":
                return orm.Session(self._engine, future=True).begin()
            case "Query":
                return orm.Session(self._engine).query(User)
            case "Result":
                return orm.Session(self._engine, future=True).execute(_STATEMENT)
            case "ScalarResult":
                return self._make("Result").scalars()
            case "MappingResult":
                return self._make("Result").mappings()
            case "CursorResult":
                return self._engine.connect().execute(_STATEMENT)
        raise LookupError(path)

    async def _fresh(self, path: str) -> Any:
        name = path.rpartition(".")[2]
        if name not in (
            "AsyncResult",
            "AsyncScalarResult",
            "AsyncMappingResult",
            "AsyncTransaction",
            "AsyncConnection",
        ):
            return self._make(path)
        connection = await self._async_engine.connect()
        self._alive.append(connection)
        match name:
            case "AsyncConnection":
                return connection
            case "AsyncTransaction":
                return connection.begin()
            case "AsyncScalarResult":
                return (await connection.stream(_STATEMENT)).scalars()
            case "AsyncMappingResult":
                return (await connection.stream(_STATEMENT)).mappings()
        return await connection.stream(_STATEMENT)

    async def call(self, path: str, name: str, class_of: Callable[[Any], str]) -> tuple[bool, str, str]:
        """Call a member, when the table says with what, and use what it gives.

        Returns:
            Whether it was called, the kind of the member, and the class of what it gives in the end.
        """
        arguments = CALLS.get(path, {}).get(name)
        if arguments is None:
            return False, "", ""
        unstarted = path.endswith(".AsyncConnection") and name in ("start", "__aenter__")
        target = self._make(path) if unstarted else await self._fresh(path)
        self._alive.append(target)
        value = getattr(target, name)(*arguments)
        self._alive.append(value)
        return True, *await _use(value, class_of)


async def _use(value: Any, class_of: Callable[[Any], str]) -> tuple[str, str]:
    if inspect.iscoroutine(value):
        return "coroutine", class_of(await value)
    known = class_of(value)
    if hasattr(value, "__await__"):
        return "awaitable_cm", class_of(await value)
    if known and not known.endswith("Transaction"):
        return "sync", known
    if hasattr(value, "__aenter__"):
        async with value as entered:
            return "async_cm", class_of(entered)
    if hasattr(value, "__aiter__"):
        return "async_iterator", ""
    if hasattr(value, "__enter__"):
        with value as entered:
            return "context_manager", class_of(entered) or known
    return "sync", ""
