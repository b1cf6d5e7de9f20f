from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.rules.kit import FIXTURES
from tests.sqlalchemy_versions import run

DRIVE = """

import asyncio
from sqlalchemy.ext.asyncio import create_async_engine


async def drive():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([Item(id=1), Item(id=2), Item(id=3)])
        await session.flush()
        print(await use(session))
    await engine.dispose()


asyncio.run(drive())
"""
NEWEST = "\n\nasync def use(session):\n    return (await newest(session)).id\n"
MODELS = """
from typing import Any
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default=lambda context: "abc"[context.get_current_parameters()["id"] - 1])
    size: Mapped[int] = mapped_column(default=1)


class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
"""
USE = """

async def use(session):
    session.add_all([Order(id=1), Order(id=2), Order(id=3)])
    await session.flush()
    everything, first, limited, one, maybe, by_key, number, value, pairs = await simple(session)
    return len(everything), first.id, limited.id, one.id, maybe.id, by_key.id, number, value, len(pairs)
"""


@pytest.mark.parametrize("series", SERIES)
def test_async_sessions_have_no_query(series: str, tmp_path: Path) -> None:
    claim = "AttributeError: 'AsyncSession' object has no attribute 'query'"
    assert error(example("ASQ401", series, tmp_path, NEWEST + DRIVE)) == claim
    good = use_instead("ASQ401", series, tmp_path, NEWEST + DRIVE)
    assert (good.returncode, good.stdout, good.stderr) == (0, "3\n", "")


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ401", tmp_path) == other_form("ASQ401")


@pytest.mark.parametrize("series", SERIES)
def test_every_rewritten_chain_runs(series: str, tmp_path: Path) -> None:
    source = (FIXTURES / "ASQ401.fixed.py").read_text(encoding="utf-8")
    match = re.search(r"async def simple.*?(?=\n\n\n)", source, re.DOTALL)
    assert match is not None
    done = run(series, MODELS + "\n\n" + match[0] + USE + DRIVE, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("(3, 2, 1, 1, 1, 1, 2, 'a', 2)\n", "")
