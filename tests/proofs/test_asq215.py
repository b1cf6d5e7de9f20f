from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, use_instead

TASKS = 10
BEFORE_COUNT = f"""
import gc, weakref

async def prepare():
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS users (id INTEGER)"))

async def main():
    await prepare()
    sessions_made = []
    async def task():
        sessions_made.append(weakref.ref(sessions()))
        await count_users()
    for _ in range({TASKS}):
        await asyncio.create_task(task())
    gc.collect()
    print(len(sessions.registry.registry), sum(made() is not None for made in sessions_made))
    for session in list(sessions.registry.registry.values()):
        await session.close()
    await engine.dispose()

asyncio.run(main())
"""
STARVED = """
async def main():
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS users (id INTEGER)"))
    engine.pool._timeout = 0.2
    try:
        for _ in range(20):
            await asyncio.create_task(count_users())
    finally:
        for session in list(sessions.registry.registry.values()):
            await session.close()
        await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_sessions_of_finished_tasks_stay(series: str, tmp_path: Path) -> None:
    assert example("ASQ215", series, tmp_path, BEFORE_COUNT).stdout == f"{TASKS} {TASKS}\n"
    good = use_instead("ASQ215", series, tmp_path, BEFORE_COUNT)
    assert (good.stdout, good.stderr) == ("0 0\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_pool_runs_dry(series: str, tmp_path: Path) -> None:
    starved = example("ASQ215", series, tmp_path, STARVED)
    assert "TimeoutError: QueuePool limit of size 5 overflow 10 reached" in starved.stderr
    assert use_instead("ASQ215", series, tmp_path, STARVED).returncode == 0
