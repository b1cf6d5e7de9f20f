from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, use_instead
from tests.sqlalchemy_versions import run

CLAIM = "SAWarning: The garbage collector is trying to clean up non-checked-in connection"
AFTER = """
import asyncio, gc

async def main():
    await ping()
    gc.collect()
    await engine.dispose()

asyncio.run(main())
"""
LOST = """
import asyncio
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): pass
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)

async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with factory() as session:
        session.add(User())
        await factory().commit()
    factory().add(User())
    await factory().commit()
    async with factory() as session:
        print(await session.scalar(select(func.count()).select_from(User)))
        session.add(User())
        await session.commit()
        print(await session.scalar(select(func.count()).select_from(User)))
    await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_garbage_collector_finds_the_connection(series: str, tmp_path: Path) -> None:
    assert CLAIM in example("ASQ218", series, tmp_path, AFTER).stderr
    good = use_instead("ASQ218", series, tmp_path, AFTER)
    assert (good.returncode, good.stderr) == (0, "")


@pytest.mark.parametrize("series", SERIES)
def test_changes_belong_to_another_session(series: str, tmp_path: Path) -> None:
    assert run(series, LOST, cwd=tmp_path).stdout == "0\n1\n"
