"""The driver's coroutines cannot be awaited in a thread; `run_sync` runs the same function where they can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

DRIVER = """
import asyncio
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE users (id INTEGER)"))
        await connection.execute(text("INSERT INTO users VALUES (1), (2)"))
    async with async_sessionmaker(engine)() as session:
        print(await {call})
    await engine.dispose()

asyncio.run(main())
"""
# SQLAlchemy 2.1 wraps it in a StatementError where the connection comes out of the pool.
MISSING = re.compile(r"MissingGreenlet[):]+ greenlet_spawn has not been called")


@pytest.mark.parametrize("series", SERIES)
def test_a_query_in_a_thread_misses_its_greenlet(series: str, tmp_path: Path) -> None:
    assert MISSING.search(error(example("ASQ210", series, tmp_path, DRIVER.format(call="report(session)"))))


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    "call",
    [
        'asyncio.to_thread(session.sync_session.execute, text("SELECT 1"))',
        'asyncio.to_thread(lambda: total(session.sync_session, "users"))',
        'asyncio.get_running_loop().run_in_executor(None, total, session.sync_session, "users")',
    ],
)
def test_methods_lambdas_and_executors_miss_it_too(series: str, call: str, tmp_path: Path) -> None:
    assert MISSING.search(error(example("ASQ210", series, tmp_path, DRIVER.format(call=call))))


@pytest.mark.parametrize("series", SERIES)
def test_run_sync_runs_it_in_the_greenlet(series: str, tmp_path: Path) -> None:
    done = use_instead("ASQ210", series, tmp_path, DRIVER.format(call="report(session)"))
    assert (error(done), done.stdout) == ("", "2\n")
