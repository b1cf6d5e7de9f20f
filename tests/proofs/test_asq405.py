from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, example, fixed, other_form, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

FLUSHED = """

import asyncio
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)


async def drive():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with AsyncSession(engine) as session:
        await (await session.connection()).run_sync(Base.metadata.create_all)
        session.add(Item(id=1))
        await session.flush()
        print(seen)
    await engine.dispose()


asyncio.run(drive())
"""
RETVAL = """

from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")


@event.listens_for(engine, "before_cursor_execute", retval=True)
async def rewrite(connection, cursor, statement, parameters, context, executemany):
    return statement, parameters


with engine.connect() as connection:
    connection.execute(text("SELECT 1"))
"""


@pytest.mark.parametrize("series", SERIES)
def test_async_listeners_never_run(series: str, tmp_path: Path) -> None:
    bad = example("ASQ405", series, tmp_path, FLUSHED)
    assert (bad.returncode, bad.stdout) == (0, "[]\n")
    assert "RuntimeWarning: coroutine 'mark' was never awaited" in bad.stderr
    good = use_instead("ASQ405", series, tmp_path, FLUSHED)
    assert (good.returncode, good.stdout, good.stderr) == (0, "['flush']\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_listeners_whose_value_counts_fail(series: str, tmp_path: Path) -> None:
    done = run(series, section(load()["ASQ405"], "Use instead") + RETVAL, cwd=tmp_path)
    assert "TypeError: cannot unpack non-iterable coroutine object" in done.stderr


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ405", tmp_path) == other_form("ASQ405")
