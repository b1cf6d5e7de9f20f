from __future__ import annotations

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, other_form
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

PAGE_URL = "postgresql+asyncpg://postgres@localhost/postgres"
DRIVE = """

import asyncio


async def drive():
    print(len(await roles("1")))
    await engine.dispose()


asyncio.run(drive())
"""
FORMS = """
import asyncio
import sys
from datetime import date
from sqlalchemy import ForeignKey, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(sys.argv[1])
VALUES = sys.argv[2]
number, words, day = ("3", 3, "2024-01-01") if VALUES == "wrong" else (3, "3", date(2024, 1, 1))


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items_of_forms"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    price: Mapped[float | None]
    made: Mapped[date | None]
    above: Mapped[int | None] = mapped_column(ForeignKey("items_of_forms.id"))


async def drive():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Item).values(id=3))
    statements = [
        select(Item).where(Item.id == number),
        select(Item).where(Item.above != number),
        select(Item).where(Item.name == words),
        select(Item).where(Item.price < number),
        select(Item).where(Item.made < day),
        select(Item).filter_by(id=number),
        update(Item).values(above=number),
        update(Item).values(name=words),
        update(Item).values(price=number),
        update(Item).values(made=day),
    ]
    texts = [
        ("SELECT 1 LIMIT :x", number),
        ("SELECT 1 OFFSET :x", number),
        ("SELECT CAST(:x AS integer)", number),
        ("SELECT :x + 1", number),
        ("SELECT 2 * :x", number),
        ("SELECT 1 FROM items_of_forms WHERE id = :x", number),
        ("SELECT 1 FROM items_of_forms WHERE id IN (:x)", number),
        ("SELECT 1 FROM items_of_forms WHERE id BETWEEN :x AND 5", number),
        ("SELECT 1 FROM items_of_forms WHERE name = :x", words),
        ("SELECT 1 FROM items_of_forms WHERE made > :x", day),
        ("UPDATE items_of_forms SET price = :x", number),
        ("INSERT INTO items_of_forms (id) SELECT 7 WHERE 1 = :x", number),
        ("INSERT INTO items_of_forms (name, id) VALUES (:x, 8)", words),
    ]
    works = [lambda s, statement=statement: s.execute(statement) for statement in statements]
    works += [lambda s, sql=sql, value=value: s.execute(text(sql), {"x": value}) for sql, value in texts]
    works += [lambda s: s.execute(text("SELECT 1 LIMIT :x").bindparams(x=number)), lambda s: s.get(Item, number)]
    for position, work in enumerate(works):
        async with AsyncSession(engine) as session:
            try:
                await work(session)
            except Exception as error:
                print(position, type(error).__name__, str(error).splitlines()[0])
            else:
                print(position, "runs")
    async with AsyncSession(engine) as session:
        session.add(Item(id=9, name=words))
        try:
            await session.commit()
        except Exception as error:
            print("made", type(error).__name__, str(error).splitlines()[0])
        else:
            print("made", "runs")
    await engine.dispose()


asyncio.run(drive())
"""
COUNT = 26
REFUSED = ("invalid input for query argument", "operator does not exist", "must be type")


@pytest.mark.parametrize("series", SERIES)
def test_text_for_a_limit_is_refused(series: str, postgres: str) -> None:
    bad = run(series, section(load()["ASQ415"], "Example").replace(PAGE_URL, postgres) + DRIVE)
    assert (load()["ASQ415"].symptom in bad.stderr, "DBAPIError" in bad.stderr, bad.stdout) == (True, True, "")
    good = run(series, other_form("ASQ415").replace(PAGE_URL, postgres) + DRIVE)
    assert (good.returncode, good.stdout) == (0, "1\n"), good.stderr


@pytest.mark.parametrize("series", SERIES)
def test_each_wrong_value_is_refused(series: str, postgres: str) -> None:
    lines = run(series, FORMS, postgres, "wrong").stdout.splitlines()
    assert len(lines) == COUNT
    assert [line for line in lines if not any(words in line for words in REFUSED)] == []


@pytest.mark.parametrize("series", SERIES)
def test_each_right_value_is_taken(series: str, postgres: str) -> None:
    done = run(series, FORMS, postgres, "right")
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["runs"] * COUNT, done.stdout + done.stderr
