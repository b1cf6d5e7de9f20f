from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.fixture_runs import compare, fixed_runs
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.rules.kit import FIXTURES
from tests.sqlalchemy_versions import run

AFTER = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Author(books=[Book(), Book()]))
        await session.commit()
    try:
        async with AsyncSession(engine) as session:
            print(await count_books(session))
    finally:
        await engine.dispose()

asyncio.run(main())
"""
SEED = """

def _seed():
    author = Author(books=[Book(pages=[Page(), Page()]), Book()])
    author.shelf = Shelf()
    return [author, Menu(dishes=[Dish(), Dish()])]
"""
SYMPTOM = "The unique() method must be invoked on this Result"
# Whether the coroutine of this name raises depends on what it is given.
GIVEN = """

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all(_seed())
        await session.commit()
    try:
        async with AsyncSession(engine) as session:
            print(len(await branches(session, False)))
            print(len(await branches(session, True)))
    finally:
        await engine.dispose()

import asyncio
from sqlalchemy.ext.asyncio import create_async_engine
asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_a_joined_collection_needs_unique(series: str, tmp_path: Path) -> None:
    assert SYMPTOM in error(example("ASQ513", series, tmp_path, AFTER))
    good = use_instead("ASQ513", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("2\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_each_coroutine_of_the_fixture_does_what_its_markers_say(series: str, tmp_path: Path) -> None:
    compare("ASQ513", SYMPTOM, SEED, series, tmp_path)


@pytest.mark.parametrize("series", SERIES)
def test_each_fix_makes_the_coroutine_run(series: str, tmp_path: Path) -> None:
    fixed_runs("ASQ513", frozenset(), SEED, series, tmp_path)


@pytest.mark.parametrize("series", SERIES)
def test_one_branch_is_enough(series: str, tmp_path: Path) -> None:
    bad = run(series, (FIXTURES / "ASQ513.py").read_text(encoding="utf-8") + SEED + GIVEN, cwd=tmp_path)
    assert bad.stdout == "1\n"
    assert SYMPTOM in error(bad)
    good = run(series, (FIXTURES / "ASQ513.fixed.py").read_text(encoding="utf-8") + SEED + GIVEN, cwd=tmp_path)
    assert (good.stdout, good.stderr) == ("1\n1\n", "")
