"""What async engines refuse, and what came and went between SQLAlchemy's series."""

from __future__ import annotations

from typing import NamedTuple


class Refused(NamedTuple):
    """An argument of `create_async_engine` that does not work.

    Attributes:
        keyword: The keyword.
        value: The value as it is written in Python; empty when every value fails.
        exception: Canonical path of the exception.
        since: First series that refuses it.
        on_connect: Whether it is raised at the first connection only, not by the call.
        instead: The keyword to use; empty when there is none.
    """

    keyword: str
    value: str
    exception: str
    since: str = "1.4"
    on_connect: bool = False
    instead: str = ""


# A `creator` that returns a connection of the async driver itself fails; only SQLAlchemy's adapted one would do.
REFUSED: tuple[Refused, ...] = (
    Refused("server_side_cursors", "True", "sqlalchemy.ext.asyncio.exc.AsyncMethodRequired"),
    Refused("future", "False", "sqlalchemy.exc.ArgumentError", since="2.0"),
    Refused("creator", "", "AttributeError", on_connect=True, instead="async_creator"),
    Refused("strategy", "", "sqlalchemy.exc.ArgumentError"),
)

ASYNC_POOLS = frozenset({"sqlalchemy.pool.AsyncAdaptedQueuePool", "sqlalchemy.pool.FallbackAsyncAdaptedQueuePool"})

# 2.0 and later raise `ArgumentError` for these on an async engine; 1.4 blocks the event loop instead.
BLOCKING_POOLS = frozenset({"sqlalchemy.pool.QueuePool", "sqlalchemy.pool.SingletonThreadPool"})

# First series that lacks it. Query arguments are written `?name`, engine keywords `create_engine(name)`.
REMOVED: dict[str, str] = {
    "sqlalchemy.pool.FallbackAsyncAdaptedQueuePool": "2.1",
    "?async_fallback": "2.1",
    "create_engine(case_sensitive)": "2.0",
    "create_engine(convert_unicode)": "2.0",
    "create_engine(encoding)": "2.0",
    "sqlalchemy.ext.asyncio.AsyncConnectionEvents": "2.0",
    "sqlalchemy.ext.asyncio.AsyncSessionEvents": "2.0",
}

# First series that has it.
ADDED: dict[str, str] = {
    "create_engine(async_creator)": "2.0",
    "sqlalchemy.create_pool_from_url": "2.0",
    "sqlalchemy.ext.asyncio.AsyncAttrs": "2.0",
    "sqlalchemy.ext.asyncio.async_sessionmaker": "2.0",
    "sqlalchemy.ext.asyncio.close_all_sessions": "2.0",
    "sqlalchemy.ext.asyncio.create_async_pool_from_url": "2.0",
    "sqlalchemy.orm.DeclarativeBase": "2.0",
    "sqlalchemy.orm.MappedAsDataclass": "2.0",
    "sqlalchemy.orm.mapped_column": "2.0",
}
