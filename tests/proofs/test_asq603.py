from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES
from tests.proofs.stalls import SLOW, gaps

DRIVER = f"""
POOL = {{"pool_size": 1, "max_overflow": 0, "pool_timeout": {SLOW}}}

async def check_while_the_pool_is_empty(engine):
    with contextlib.suppress(exc.TimeoutError):
        await Health(engine).check()
        raise AssertionError("the pool had a connection left")

async def main():
    if "AsyncEngine" in globals():
        engine = create_async_engine("sqlite+aiosqlite:///app.db", **POOL)
        held = await engine.connect()
    else:
        engine = create_engine("sqlite:///app.db", **POOL)
        held = engine.connect()
    print(await longest_gap(check_while_the_pool_is_empty(engine)))
    if "AsyncEngine" in globals():
        await held.close()
        await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_event_loop_stops_while_the_pool_is_empty(series: str, tmp_path: Path) -> None:
    blocked, free = gaps("ASQ603", DRIVER, series, tmp_path)
    assert blocked >= SLOW
    assert free < SLOW / 2
