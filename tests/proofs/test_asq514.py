from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.implicit_io import each
from tests.proofs.programs import SERIES, error, example, fixed, use_instead
from tests.sqlalchemy_versions import run

AFTER = """

import asyncio


async def drive():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(Author.__table__.insert().values({"id": 1}))
        await connection.execute(Book.__table__.insert().values({"id": 1, "title": "Notes", "author_id": 1}))
    try:
        print(await titles(1))
    finally:
        await engine.dispose()


asyncio.run(drive())
"""
PROGRAM = """
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship()

class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(deferred=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
"""
KEEP, EXPIRE = "keeping", "factory"
ROWS = '[(Author, {"id": 1}), (Book, {"id": 1, "title": "Notes", "author_id": 1})]'
BAD = {
    "relationship": (KEEP, "return author.books"),
    "deferred column": (KEEP, "    book = await session.get(Book, 1)\nreturn book.title"),
    "expired by the commit": (EXPIRE, "    await session.commit()\nreturn author.id"),
    "closed": (KEEP, "    await session.close()\n    return author.books"),
    "expunged": (KEEP, "    session.expunge(author)\n    return author.books"),
    "all expunged": (KEEP, "    session.expunge_all()\n    return author.books"),
    "block of begin": (
        EXPIRE,
        "async with factory.begin() as session:\n    book = await session.get(Book, 1)\nreturn book.id",
    ),
}
GOOD = {
    "column": (EXPIRE, "return author.id"),
    "committed, kept": (KEEP, "    await session.commit()\nreturn author.id"),
    "refreshed": (KEEP, "    await session.refresh(author, ['books'])\nreturn author.books"),
    "loaded": (
        KEEP, "    query = select(Author).options(selectinload(Author.books))\n"
        "    author = await session.scalar(query)\nreturn author.books",
    ),
    "merged": (
        KEEP, "async with factory() as other:\n    author = await other.merge(author)\n"
        "    await other.refresh(author, ['books'])\nreturn author.books",
    ),
}  # fmt: skip


@pytest.mark.parametrize("series", SERIES)
def test_closed_session_loads_nothing(series: str, tmp_path: Path) -> None:
    claim = "DetachedInstanceError: Parent instance <Author at "
    assert claim in error(example("ASQ514", series, tmp_path, AFTER))
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ514", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("['Notes']\n", "")
    (tmp_path / "app.db").unlink()
    repaired = run(series, fixed("ASQ514", tmp_path) + AFTER, cwd=tmp_path)
    assert (repaired.stdout, repaired.stderr) == (good.stdout, "")


def body(factory: str, rest: str) -> str:
    return f"async with {factory}() as session:\n    author = await session.get_one(Author, 1)\n{rest}"


@pytest.mark.parametrize("series", SERIES)
def test_what_needs_the_session_and_what_does_not(series: str) -> None:
    found = each(series, PROGRAM, {name: body(*shape) for name, shape in (BAD | GOOD).items()}, ROWS)
    assert [name for name in BAD if "DetachedInstanceError" not in found[name]] == []
    assert {name: found[name] for name in GOOD if found[name]} == {}
