"""ASQ904: a relationship with the default ``lazy`` cannot load when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

DRIVE = """

import asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


async def drive() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Author(books=[Book()]))
        await session.commit()
    async with AsyncSession(engine) as session:
        author = await session.scalar(select(Author))
        print(len(author.books))
    await engine.dispose()


asyncio.run(drive())
"""


@pytest.mark.parametrize("series", SERIES)
def test_the_default_loads_when_it_is_read(series: str, tmp_path: Path) -> None:
    bad = example("ASQ904", series, tmp_path, DRIVE)
    assert "MissingGreenlet" in error(bad), bad.stderr
    assert "greenlet_spawn has not been called" in error(bad)
    good = use_instead("ASQ904", series, tmp_path, DRIVE)
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")
