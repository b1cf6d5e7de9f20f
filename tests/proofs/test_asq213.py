from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, use_instead
from tests.sqlalchemy_versions import run

CLAIM = "RuntimeWarning: coroutine 'AsyncSession.close' was never awaited"
AFTER = """
async def main():
    sessions()
    await clean_up()
    await engine.dispose()

asyncio.run(main())
"""
SHARED = """
import asyncio
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import scoped_session

sessions = scoped_session(async_sessionmaker())

async def session():
    return sessions()

async def main():
    one, other = await asyncio.gather(session(), session())
    print(one is other)

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_registry_never_closes_async_sessions(series: str, tmp_path: Path) -> None:
    bad = example("ASQ213", series, tmp_path, AFTER)
    assert bad.returncode == 0
    assert CLAIM in bad.stderr
    good = use_instead("ASQ213", series, tmp_path, AFTER)
    assert (good.returncode, good.stderr) == (0, "")


@pytest.mark.parametrize("series", SERIES)
def test_sqlalchemy_warns_about_the_registry(series: str, tmp_path: Path) -> None:
    warned = example("ASQ213", series, tmp_path, AFTER)
    assert "is deprecated and will raise an error in a future version" in warned.stderr


@pytest.mark.parametrize("series", SERIES)
def test_tasks_share_the_session_of_their_thread(series: str, tmp_path: Path) -> None:
    assert run(series, SHARED, cwd=tmp_path).stdout == "True\n"
