from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, use_instead
from tests.sqlalchemy_versions import run

AFTER = """
import asyncio

async def main():
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE users (name TEXT)"))
        await connection.execute(text("INSERT INTO users VALUES ('old')"))
    await rename("new")
    async with factory() as session:
        print(await session.scalar(text("SELECT name FROM users")))
    await engine.dispose()

asyncio.run(main())
"""
QUERY = """
import asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///app.db")
factory = async_sessionmaker(engine)

async def main():
    async with factory() as session:
        await session.execute(text("SELECT 1"))
    print(engine.pool.checkedout())
    {}
    print(engine.pool.checkedout())
    await session.close()
    await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_commit_after_the_block_loses_the_changes(series: str, tmp_path: Path) -> None:
    assert example("ASQ212", series, tmp_path, AFTER).stdout == "old\n"
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ212", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("new\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_query_after_the_block_holds_a_connection(series: str, tmp_path: Path) -> None:
    assert run(series, QUERY.format("await session.execute(text('SELECT 1'))"), cwd=tmp_path).stdout == "0\n1\n"
    assert run(series, QUERY.format("pass"), cwd=tmp_path).stdout == "0\n0\n"
