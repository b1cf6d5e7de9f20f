from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

AFTER = """
import asyncio
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Author), [{"id": 1}])
        await connection.execute(insert(Book), [{"id": 1, "author_id": 1}])
    try:
        async with AsyncSession(engine) as session:
            print(await count_books(session))
    finally:
        await engine.dispose()

asyncio.run(main())
"""
MODELS = """
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, joinedload, selectinload

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship(back_populates="author")

    @property
    def titles(self):
        return [book.id for book in self.books]

    def __repr__(self):
        return f"Author({self.books})"

class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped["Author"] = relationship(back_populates="books")

def describe(book):
    return book.author.id

async def count_books(session):
"""
GREENLET = "greenlet_spawn has not been called"
CLAIMS = {
    "get": ("author = await session.get(Author, 1{})\nreturn author.books", ", options=[selectinload(Author.books)]"),
    "scalar": ("return (await session.scalar(select(Author){})).books", ".options(selectinload(Author.books))"),
    "many to one": ("return (await session.scalar(select(Book){})).author.id", ".options(joinedload(Book.author))"),
    "sort key": (
        "authors = (await session.scalars(select(Author){})).all()\nreturn max(authors, key=lambda a: len(a.books))",
        ".options(selectinload(Author.books))",
    ),
    "property": (
        "author = (await session.scalars(select(Author){})).one()\nreturn author.titles",
        ".options(selectinload(Author.books))",
    ),
    "repr": (
        "author = (await session.scalars(select(Author){})).one()\nreturn f'{{author}}'",
        ".options(selectinload(Author.books))",
    ),
    "helper": (
        "book = (await session.scalars(select(Book){})).one()\nreturn describe(book)",
        ".options(joinedload(Book.author))",
    ),
    "stream": (
        "async for author in await session.stream_scalars(select(Author){}):\n    author.books",
        ".options(selectinload(Author.books))",
    ),
}


@pytest.mark.parametrize("series", SERIES)
def test_an_unloaded_relationship_cannot_be_read(series: str, tmp_path: Path) -> None:
    assert GREENLET in error(example("ASQ501", series, tmp_path, AFTER))
    (tmp_path / "good").mkdir()
    good = use_instead("ASQ501", series, tmp_path / "good", AFTER)
    assert (good.stdout, good.stderr) == ("1\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("shape", CLAIMS)
def test_every_way_to_the_read_fails_without_the_option(shape: str, series: str, tmp_path: Path) -> None:
    body, option = CLAIMS[shape]
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    bad = run(series, MODELS + indented.format("") + AFTER, cwd=tmp_path)
    assert bad.returncode
    assert GREENLET in bad.stderr
    (tmp_path / "app.db").unlink()
    good = run(series, MODELS + indented.format(option) + AFTER, cwd=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
