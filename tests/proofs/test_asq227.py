"""A task that nobody awaits has not run when the next statement does, and its exception is nobody's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

DRIVER = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.connect():
        pass  # the next statement finds its connection in the pool: the task cannot overtake it
    try:
        await start(engine)
    finally:
        await engine.dispose()
    print("done")

asyncio.run(main())
"""
TWICE = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

async def broken(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO missing VALUES (1)"))

async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    asyncio.create_task(broken(engine))
    await asyncio.sleep(0.5)
    await engine.dispose()
    print("done")

asyncio.run(main())
"""
NO_TABLE = "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table"


@pytest.mark.parametrize("series", SERIES)
def test_the_next_statement_does_not_see_the_work(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ227", series, tmp_path, DRIVER)).startswith(f"{NO_TABLE}: items")


@pytest.mark.parametrize("series", SERIES)
def test_an_awaited_coroutine_is_done(series: str, tmp_path: Path) -> None:
    done = use_instead("ASQ227", series, tmp_path, DRIVER)
    assert (error(done), done.stdout) == ("", "done\n")


@pytest.mark.parametrize("series", SERIES)
def test_its_exception_only_shows_in_the_log(series: str, tmp_path: Path) -> None:
    done = example("ASQ227", series, tmp_path, TWICE)
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert "Task exception was never retrieved" in done.stderr
    assert f"{NO_TABLE}: missing" in done.stderr
