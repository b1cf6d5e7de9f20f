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
        session.add_all([Room(id=1, seats=[Seat(), Seat()])])
        await session.commit()
    try:
        async with AsyncSession(engine) as session:
            print(await capacity(session, 1))
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
SYMPTOM = "is not available due to"


@pytest.mark.parametrize("series", SERIES)
def test_an_attribute_that_raises_cannot_be_read(series: str, tmp_path: Path) -> None:
    assert SYMPTOM in error(example("ASQ510", series, tmp_path, AFTER))
    good = use_instead("ASQ510", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("2\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_each_coroutine_of_the_fixture_does_what_its_markers_say(series: str, tmp_path: Path) -> None:
    compare("ASQ510", SYMPTOM, SEED, series, tmp_path)


@pytest.mark.parametrize("series", SERIES)
def test_each_fix_makes_the_coroutine_run(series: str, tmp_path: Path) -> None:
    fixed_runs("ASQ510", frozenset({"by_option", "columns_of_load_only"}), SEED, series, tmp_path)
