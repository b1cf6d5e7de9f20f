from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

AFTER = """
import asyncio

async def main():
    await ping()
    await engine.dispose()

asyncio.run(main())
"""
ASYNC_WITH = (
    "TypeError: 'Session' object does not support the asynchronous context manager",
    "AttributeError: __aenter__",
)
PROGRAM = """
import asyncio
from sqlalchemy import create_engine, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

class Base(DeclarativeBase):
    pass

class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)

url = "sqlite+aiosqlite:///app.db"
engine = create_async_engine(url)

async def main():
    {}
    await engine.dispose()

asyncio.run(main())
"""
ON_CONNECTION = "await engine.connect().__aenter__()"
CLAIMS = {
    "Session(engine).execute(text('SELECT 1'))": "AsyncContextNotStarted: AsyncConnection context has not been started",
    "sessionmaker(engine)().scalar(text('SELECT 1'))": "AsyncContextNotStarted: AsyncConnection context has not been",
    "Session(binds={Item: engine}).scalar(select(Item.id))": "AsyncContextNotStarted: AsyncConnection context has",
    "async_sessionmaker(engine, class_=Session)().execute(text('SELECT 1'))": "AsyncContextNotStarted: AsyncConnection",
    "AsyncSession(create_engine('sqlite://'))": "ArgumentError: AsyncEngine expected, got Engine(",
    "AsyncSession(engine.sync_engine)": "ArgumentError: AsyncEngine expected, got Engine(",
    "AsyncSession(url)": "ArgumentError: AsyncEngine expected, got 'sqlite+aiosqlite:///app.db'",
    f"AsyncSession(({ON_CONNECTION}).sync_connection)": "ArgumentError: AsyncEngine expected, got <sqlalchemy",
    "AsyncSession(binds={Item: engine.sync_engine})": "ArgumentError: AsyncEngine expected, got Engine(",
    "sessionmaker(create_engine('sqlite://'), class_=AsyncSession)()": "ArgumentError: AsyncEngine expected, got",
    "f = async_sessionmaker(); f.configure(bind=engine.sync_engine); f()": "ArgumentError: AsyncEngine expected, got",
    "async_sessionmaker(engine)(bind=engine.sync_engine)": "ArgumentError: AsyncEngine expected, got Engine(",
    "sessionmaker(engine, AsyncSession)": "TypeError: sessionmaker.__init__() takes from 1 to 2 positional",
    "async_sessionmaker(engine, AsyncSession)": "TypeError: async_sessionmaker.__init__() takes from 1 to 2 positional",
}


@pytest.mark.parametrize("series", SERIES)
def test_session_of_a_sync_factory_is_no_async_context_manager(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ203", series, tmp_path, AFTER)).startswith(ASYNC_WITH)
    good = use_instead("ASQ203", series, tmp_path, AFTER)
    assert (good.returncode, good.stderr) == (0, "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("statement", CLAIMS)
def test_engine_of_the_other_kind_is_refused(statement: str, series: str, tmp_path: Path) -> None:
    done = run(series, PROGRAM.format(statement), cwd=tmp_path)
    assert done.returncode
    assert CLAIMS[statement] in done.stderr
