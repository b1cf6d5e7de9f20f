"""ASQ201: the IO of a synchronous session stops the event loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES
from tests.proofs.stalls import MEASURE, SLOW
from tests.sqlalchemy_versions import run

BAD = """
engine = create_engine("sqlite:///app.db")
event.listen(engine, "connect", add_slow)
factory = sessionmaker(engine)

async def query():
    with factory() as session:
        session.execute(text("SELECT slow()"))

print(asyncio.run(longest_gap(query())))
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

print(asyncio.run(longest_gap(query())))
"""


@pytest.mark.parametrize("series", SERIES)
def test_event_loop_stops_while_a_sync_session_waits(series: str, tmp_path: Path) -> None:
    bad, thread, good = (run(series, MEASURE + program, cwd=tmp_path) for program in (BAD, THREAD, GOOD))
    assert float(bad.stdout) >= SLOW
    assert float(thread.stdout) < SLOW / 2, thread.stderr
    assert float(good.stdout) < SLOW / 2, good.stderr
