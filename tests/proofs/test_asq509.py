from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.fixture_runs import compare, fixed_runs
from tests.proofs.programs import SERIES, error, example, use_instead

AFTER = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([Document(id=1, body="lorem")])
        await session.commit()
    try:
        async with AsyncSession(engine) as session:
            print(await preview(session, 1))
    finally:
        await engine.dispose()

asyncio.run(main())
"""
SEED = """

def _seed():
    author = Author(name="n", biography="b", notes="n", draft="d", secret="s")
    author.awards = [Award()]
    return [author, Novel(title="t", text="x", plot="p", author=author)]
"""
SYMPTOM = "greenlet_spawn has not been called"


@pytest.mark.parametrize("series", SERIES)
def test_a_deferred_column_cannot_be_read(series: str, tmp_path: Path) -> None:
    assert SYMPTOM in error(example("ASQ509", series, tmp_path, AFTER))
    good = use_instead("ASQ509", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("lorem\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_each_coroutine_of_the_fixture_does_what_its_markers_say(series: str, tmp_path: Path) -> None:
    compare("ASQ509", SYMPTOM, SEED, series, tmp_path)


@pytest.mark.parametrize("series", SERIES)
def test_each_fix_makes_the_coroutine_run(series: str, tmp_path: Path) -> None:
    fixed_runs("ASQ509", frozenset({"left_out_by_defer"}), SEED, series, tmp_path)
