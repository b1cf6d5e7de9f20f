"""ASQ101: the IO of a synchronous engine stops the event loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES
from tests.proofs.stalls import MEASURE, SLOW
from tests.sqlalchemy_versions import run

BAD = """
engine = create_engine("sqlite:///app.db")
event.listen(engine, "connect", add_slow)

async def query():
    with engine.connect() as connection:
        connection.execute(text("SELECT slow()"))

print(asyncio.run(longest_gap(query())))
"""
GOOD = """
engine = create_async_engine("sqlite+aiosqlite:///app.db")
event.listen(engine.sync_engine, "connect", add_slow)

async def query():
    async with engine.connect() as connection:
        await connection.execute(text("SELECT slow()"))
    await engine.dispose()

print(asyncio.run(longest_gap(query())))
"""


@pytest.mark.parametrize("series", SERIES)
def test_event_loop_stops_while_a_sync_engine_waits(series: str, tmp_path: Path) -> None:
    bad, good = (run(series, MEASURE + program, cwd=tmp_path) for program in (BAD, GOOD))
    assert float(bad.stdout) >= SLOW
    assert float(good.stdout) < SLOW / 2, good.stderr
