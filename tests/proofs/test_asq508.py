from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.fixture_runs import outcomes
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.rules.kit import FIXTURES

AFTER = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([Account(id=1), Payment(account_id=1, cents=50), Payment(account_id=1, cents=500)])
        await session.commit()
    try:
        async with AsyncSession(engine) as session:
            print(await big_payments(session, 1))
    finally:
        await engine.dispose()

asyncio.run(main())
"""
SEED = """

def _seed():
    return [Account(id=1), Payment(account_id=1, cents=1), Entry(account_id=1), Tag(account_id=1), Flag(account_id=1)]
"""
SYMPTOM = "greenlet_spawn has not been called"
QUERYING = {"query", "query_again", "iterate", "first", "listed"}


@pytest.mark.parametrize("series", SERIES)
def test_a_dynamic_collection_cannot_be_queried(series: str, tmp_path: Path) -> None:
    assert SYMPTOM in error(example("ASQ508", series, tmp_path, AFTER))
    good = use_instead("ASQ508", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("[500]\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_only_the_coroutines_that_query_one_raise(series: str, tmp_path: Path) -> None:
    found = outcomes(FIXTURES / "ASQ508.py", SEED, series, tmp_path)
    assert {name for name, error in found.items() if SYMPTOM in error} == QUERYING
    assert {name for name, error in found.items() if error} == QUERYING
