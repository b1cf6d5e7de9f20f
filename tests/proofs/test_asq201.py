from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES
from tests.sqlalchemy_versions import run

SLOW = 0.5
MEASURE = f"""
import asyncio, time
from sqlalchemy import create_engine, event, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

def add_slow(connection, record):
    connection.create_function("slow", 0, lambda: time.sleep({SLOW}) or 1)

async def longest_pause(query):
    pauses, last = [], time.perf_counter()
    task = asyncio.create_task(query())
    while not task.done():
        await asyncio.sleep(0.01)
        now = time.perf_counter()
        pauses.append(now - last)
        last = now
    await task
    return max(pauses)
"""
BAD = """
engine = create_engine("sqlite:///app.db")
event.listen(engine, "connect", add_slow)
factory = sessionmaker(engine)

async def query():
    with factory() as session:
        session.execute(text("SELECT slow()"))

print(asyncio.run(longest_pause(query)))
"""
THREAD = BAD.replace("async def query", "def work").replace(
    "print(", "async def query():\n    await asyncio.to_thread(work)\n\nprint("
)
GOOD = """
engine = create_async_engine("sqlite+aiosqlite:///app.db")
event.listen(engine.sync_engine, "connect", add_slow)
factory = async_sessionmaker(engine)

async def query():
    async with factory() as session:
        await session.execute(text("SELECT slow()"))
    await engine.dispose()

print(asyncio.run(longest_pause(query)))
"""


@pytest.mark.parametrize("series", SERIES)
def test_event_loop_stops_while_a_sync_session_waits(series: str, tmp_path: Path) -> None:
    bad, thread, good = (run(series, MEASURE + program, cwd=tmp_path) for program in (BAD, THREAD, GOOD))
    assert float(bad.stdout) >= SLOW
    assert float(thread.stdout) < SLOW / 2, thread.stderr
    assert float(good.stdout) < SLOW / 2, good.stderr
