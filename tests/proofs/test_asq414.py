from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, fixed, other_form
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

PAGE_URL = "postgresql+asyncpg://postgres@localhost/postgres"
CLAIM = "(can't subtract offset-naive and offset-aware datetimes)"
DRIVE = """

import asyncio
from sqlalchemy.ext.asyncio import AsyncSession


async def drive():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Token())
        await session.commit()
        print("written")
    await engine.dispose()


asyncio.run(drive())
"""
FORMS = """
import asyncio
import sys
from datetime import datetime, timezone
from sqlalchemy import TIMESTAMP, Column, DateTime, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(sys.argv[1])
now = datetime.now(timezone.utc)


class Base(DeclarativeBase):
    pass


class Token(Base):
    __tablename__ = "tokens_of_forms"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None] = DECLARATION


async def assign(session):
    token = Token()
    session.add(token)
    await session.commit()
    token.at = now
    await session.commit()


async def construct(session):
    session.add(Token(at=now))
    await session.commit()


async def compare(session):
    await session.execute(select(Token).where(Token.at < now))


async def filter_by(session):
    await session.execute(select(Token).filter_by(at=now))


async def values(session):
    await session.execute(update(Token).values(at=now))


async def drive():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    for work in (assign, construct, compare, filter_by, values):
        async with AsyncSession(engine, expire_on_commit=False) as session:
            try:
                await work(session)
            except Exception as error:
                print(work.__name__, type(error).__name__, str(error).splitlines()[0])
            else:
                print(work.__name__, "runs")
    await engine.dispose()


asyncio.run(drive())
"""
NAIVE = [
    "mapped_column()",
    "mapped_column(DateTime)",
    "mapped_column(DateTime(timezone=False))",
    "mapped_column(TIMESTAMP)",
    "mapped_column(postgresql.TIMESTAMP())",
]


@pytest.mark.parametrize("series", SERIES)
def test_default_with_a_time_zone_cannot_be_written(series: str, postgres: str) -> None:
    bad = run(series, section(load()["ASQ414"], "Example").replace(PAGE_URL, postgres) + DRIVE)
    assert (CLAIM in bad.stderr, "DBAPIError" in bad.stderr, bad.stdout) == (True, True, ""), bad.stderr
    good = run(series, other_form("ASQ414").replace(PAGE_URL, postgres) + DRIVE)
    assert (good.returncode, good.stdout) == (0, "written\n"), good.stderr


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("declaration", NAIVE)
def test_each_way_to_the_column_fails(series: str, declaration: str, postgres: str) -> None:
    done = run(series, FORMS.replace("DECLARATION", declaration), postgres)
    lines = done.stdout.splitlines()
    assert len(lines) == 5, done.stderr
    assert all(CLAIM in line for line in lines), done.stdout


@pytest.mark.parametrize("series", SERIES)
def test_other_drivers_and_columns_with_time_zone_take_it(series: str, postgres: str, tmp_path: Path) -> None:
    naive = FORMS.replace("DECLARATION", "mapped_column(DateTime)")
    psycopg = postgres.replace("asyncpg", "psycopg")
    with_zone = FORMS.replace("DECLARATION", "mapped_column(DateTime(timezone=True))")
    for code, url in ((naive, "sqlite+aiosqlite://"), (naive, psycopg), (with_zone, postgres)):
        done = run(series, code, url, cwd=tmp_path)
        assert [line.split()[1] for line in done.stdout.splitlines()] == ["runs"] * 5, done.stdout + done.stderr


def test_fix_gives_the_column_a_time_zone(tmp_path: Path) -> None:
    assert fixed("ASQ414", tmp_path) == other_form("ASQ414")
