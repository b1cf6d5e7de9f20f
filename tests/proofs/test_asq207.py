from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, use_instead
from tests.rules.kit import fix, lint
from tests.sqlalchemy_versions import run

AFTER = """
import asyncio

async def main():
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS users (id INTEGER)"))
    await engine.dispose()
    try:
        print(await asyncio.gather(*(count_users() for _ in range(5)), return_exceptions=True))
    finally:
        await engine.dispose()

asyncio.run(main())
"""
SINGLETON = """
import asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///app.db")
factory = async_sessionmaker(engine)


class Store:
    def __init__(self):
        self.session = factory()

    async def count(self):
        return await self.session.scalar(text("SELECT 1"))


store = Store()


async def main():
    try:
        print(await asyncio.gather(*(store.count() for _ in range(5)), return_exceptions=True))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
"""
CLAIMS = ("concurrent operations are not permitted", "IllegalStateChangeError")


@pytest.mark.parametrize("series", SERIES)
def test_tasks_break_the_session_that_they_share(series: str, tmp_path: Path) -> None:
    outcome = example("ASQ207", series, tmp_path, AFTER).stdout
    assert any(claim in outcome for claim in CLAIMS)
    good = use_instead("ASQ207", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("[0, 0, 0, 0, 0]\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_session_of_a_singleton_breaks_until_it_is_fixed(series: str, tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(SINGLETON, encoding="utf-8")
    outcome = run(series, path, cwd=tmp_path).stdout
    assert any(claim in outcome for claim in CLAIMS)

    fix(path)
    assert lint(path) == []
    good = run(series, path, cwd=tmp_path)
    assert (good.stdout, good.stderr) == ("[1, 1, 1, 1, 1]\n", "")
