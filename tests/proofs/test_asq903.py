from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, use_instead

CLAIM = "You probably want to use `session.exec()` instead of `session.execute()`"
DRIVE = """

import asyncio
from sqlalchemy.ext.asyncio import create_async_engine


async def drive():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Hero())
        await session.commit()
        print([type(hero).__name__ for hero in await heroes(session)])
    await engine.dispose()


asyncio.run(drive())
"""


@pytest.mark.parametrize("series", SERIES)
def test_execute_warns(series: str, tmp_path: Path) -> None:
    bad = example("ASQ903", series, tmp_path, DRIVE)
    assert (bad.returncode, bad.stdout) == (0, "['Hero']\n"), bad.stderr
    assert "DeprecationWarning" in bad.stderr
    assert CLAIM in bad.stderr
    good = use_instead("ASQ903", series, tmp_path, DRIVE)
    assert (good.returncode, good.stdout) == (0, "['Hero']\n"), good.stderr
    assert CLAIM not in good.stderr
