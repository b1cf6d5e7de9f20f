"""Code that runs the functions of pages with a session or an engine on a database with a table of items."""

from __future__ import annotations

_START = """

import asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


async def drive():
    engine = create_async_engine("sqlite+aiosqlite:///:memory:")
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE items (sku TEXT)"))
"""
_END = """
    finally:
        await engine.dispose()


asyncio.run(drive())
"""
_ROWS = """
        async with engine.connect() as connection:
            print("rows", await connection.scalar(text("SELECT count(*) FROM items")))
"""


def with_session(call: str) -> str:
    """Write code that awaits a call, which may use ``session``, prints what it gives, and how many items there are."""
    block = f"        async with AsyncSession(engine) as session:\n            print(await {call})\n"
    return _START + block + _ROWS + _END


def with_engine(call: str) -> str:
    """Write code that awaits a call, which may use ``engine``, prints what it gives, and how many items there are."""
    return f"{_START}        print(await {call})\n{_ROWS}{_END}"
