"""One session in several tasks fails; sessions of their own do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

DRIVER = """
import sys
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db", pool_pre_ping=True)
    async with engine.begin() as connection:
        for table in ("users", "orders"):
            await connection.execute(text(f"CREATE TABLE {table} (id INTEGER)"))
            await connection.execute(text(f"INSERT INTO {table} VALUES (1), (2)"))
    factory = async_sessionmaker(engine)
    kind = sys.argv[1]
    try:
        if kind == "own":
            print(await totals(factory))
        elif kind == "open":
            print(await totals(factory()))
        elif kind == "block":
            async with factory() as session:
                print(await totals(session))
        else:
            async with factory() as session:
                rows = [session.execute(text(f"INSERT INTO users VALUES ({n})")) for n in (3, 4, 5)]
                await asyncio.gather(*rows, return_exceptions=True)
                await session.commit()
            async with factory() as session:
                print("rows", await session.scalar(text("SELECT count(*) FROM users")))
    finally:
        await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_the_second_task_finds_the_session_busy(series: str, tmp_path: Path) -> None:
    code = section(load()["ASQ208"], "Example") + DRIVER
    done = run(series, code, "open", cwd=tmp_path)
    assert "InvalidRequestError: This session is provisioning a new connection" in done.stderr
    assert "concurrent operations are not permitted" in done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_closing_the_session_meanwhile_fails_in_another_way(series: str, tmp_path: Path) -> None:
    done = run(series, section(load()["ASQ208"], "Example") + DRIVER, "block", cwd=tmp_path)
    assert "IllegalStateChangeError: Method 'close()' can't be called here" in done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_return_exceptions_loses_work_without_a_word(series: str, tmp_path: Path) -> None:
    done = run(series, section(load()["ASQ208"], "Example") + DRIVER, "lost", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "rows 3\n")


@pytest.mark.parametrize("series", SERIES)
def test_a_session_for_each_task_is_right(series: str, tmp_path: Path) -> None:
    done = run(series, section(load()["ASQ208"], "Use instead") + DRIVER, "own", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "(2, 2)\n"), done.stderr


BESIDE = """
import asyncio
from sqlalchemy import text

async def count(session):
    return await session.scalar(text("SELECT count(*) FROM users"))

async def totals(factory):
    async with factory() as session:
        task = asyncio.create_task(count(session))
        await session.execute(text("SELECT 1"))
        return await task
"""


@pytest.mark.parametrize("series", SERIES)
def test_the_function_that_started_the_task_finds_the_session_busy_too(series: str, tmp_path: Path) -> None:
    done = run(series, BESIDE + DRIVER, "own", cwd=tmp_path)
    assert "concurrent operations are not permitted" in done.stderr
    waiting = BESIDE.replace('        await session.execute(text("SELECT 1"))\n', "")
    (tmp_path / "app.db").unlink()
    assert run(series, waiting + DRIVER, "own", cwd=tmp_path).stdout == "2\n"
