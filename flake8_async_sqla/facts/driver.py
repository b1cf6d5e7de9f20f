"""What is known of a database driver."""

from __future__ import annotations

from typing import NamedTuple


class Driver(NamedTuple):
    """A dialect that SQLAlchemy loads for a URL.

    Attributes:
        is_async: Whether it works with asyncio only.
        dual: Whether it works both ways: `create_async_engine` takes its asyncio counterpart by itself.
        dialect: Name of the dialect class, as in ``PGDialect_asyncpg``; empty when it is not SQLAlchemy's own.
    """

    is_async: bool
    dual: bool
    dialect: str = ""
