from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.implicit_io import each
from tests.proofs.programs import SERIES, example, fixed, use_instead
from tests.sqlalchemy_versions import run

RESTOCK = """

import asyncio


async def drive():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(Item.__table__.insert().values(id=1, quantity=4))
    try:
        print(await restock(1))
    finally:
        await engine.dispose()


asyncio.run(drive())
"""
MODELS = """
from sqlalchemy import select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[int]
"""
GET = "item = await session.get(Item, 1)\n"
UPDATE = (
    "async with keeping() as other:\n"
    "    await other.execute(update(Item).where(Item.id == 1).values(quantity=9))\n"
    "    await other.commit()\n"
)
CHANGE = "async with keeping.begin() as other:\n    (await other.get_one(Item, 1)).quantity = 9\n"
AGAIN = "again = await session.get(Item, 1)\n"
SELECT = "again = await session.scalar(select(Item).where(Item.id == 1){})\n"
SEEN = "assert again.quantity == 9, again.quantity"
STALE = {
    "get": GET + UPDATE + AGAIN + SEEN,
    "get for update": GET + UPDATE + "again = await session.get(Item, 1, with_for_update=True)\n" + SEEN,
    "select": GET + UPDATE + SELECT.format("") + SEEN,
    "select for update": GET + UPDATE + SELECT.format(".with_for_update()") + SEEN,
    "attribute set": GET + CHANGE + AGAIN + SEEN,
    "a commit that expires nothing": GET + UPDATE + "await session.commit()\n" + SELECT.format("") + SEEN,
}
HERE = "await session.execute({})\n"
ALONE = "update(Item).where(Item.id == 1).values(quantity=9){}"
STALE |= {
    "plain SQL": GET + HERE.format('text("UPDATE items SET quantity = 9")') + "again = item\n" + SEEN,
    "not synchronized": (
        GET + HERE.format(ALONE.format(".execution_options(synchronize_session=False)")) + "again = item\n" + SEEN
    ),
}
CURRENT = {
    "synchronized": GET + HERE.format(ALONE.format("")) + "again = item\n" + SEEN,
    "plain SQL, refreshed": (
        GET
        + HERE.format('text("UPDATE items SET quantity = 9")')
        + "await session.refresh(item)\nagain = item\n"
        + SEEN
    ),
    "populate_existing": (GET + UPDATE + SELECT.format(".execution_options(populate_existing=True)") + SEEN),
    "get with populate_existing": GET + UPDATE + "again = await session.get(Item, 1, populate_existing=True)\n" + SEEN,
    "refresh": GET + UPDATE + "await session.refresh(item)\n" + AGAIN + SEEN,
    "expire_all": GET + UPDATE + "session.expire_all()\n" + AGAIN + SEEN,
    "rollback": GET + UPDATE + "await session.rollback()\n" + AGAIN + SEEN,
    "a commit that expires": (
        "async with factory() as session:\n"
        f"    {GET}    {UPDATE.replace(chr(10), chr(10) + '    ')}await session.commit()\n    {AGAIN}    {SEEN}"
    ),
    "nothing refers to the object": GET + "del item\n" + UPDATE + AGAIN + SEEN,
}
ROWS = '[(Item, {"id": 1, "quantity": 4})]'


@pytest.mark.parametrize("series", SERIES)
def test_query_gives_the_old_value_without_a_word(series: str, tmp_path: Path) -> None:
    bad = example("ASQ709", series, tmp_path, RESTOCK)
    assert (bad.returncode, bad.stdout, bad.stderr) == (0, "4\n", "")
    good = use_instead("ASQ709", series, tmp_path, RESTOCK)
    assert (good.returncode, good.stdout, good.stderr) == (0, "14\n", "")
    repaired = run(series, fixed("ASQ709", tmp_path) + RESTOCK, cwd=tmp_path)
    assert (repaired.stdout, repaired.stderr) == (good.stdout, "")


@pytest.mark.parametrize("series", SERIES)
def test_what_is_reported_is_stale_and_what_is_not_is_current(series: str) -> None:
    found = each(series, MODELS, STALE | CURRENT, ROWS)
    assert {name for name, error in found.items() if error == "AssertionError: 4"} == set(STALE)
    assert {name for name, error in found.items() if not error} == set(CURRENT)
