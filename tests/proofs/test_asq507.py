from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.implicit_io import GREENLET, driving, each
from tests.proofs.programs import SERIES, error, example, fixed, use_instead
from tests.sqlalchemy_versions import run

ROWS = '[(Author, {"id": 1}), (Book, {"id": 1, "title": "Notes", "author_id": 1})]'
AFTER = driving('add_book(session, 1, "Sketch")', ROWS)
PROGRAM = """
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import (
    DeclarativeBase, DynamicMapped, Mapped, WriteOnlyMapped, mapped_column, relationship, selectinload
)

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship(back_populates="author")
    profile: Mapped["Profile | None"] = relationship(back_populates="author")
    notes: WriteOnlyMapped["Note"] = relationship()
    marks: DynamicMapped["Mark"] = relationship()

class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")

class Profile(Base):
    __tablename__ = "profiles"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author | None] = relationship(back_populates="profile")

class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))

class Mark(Base):
    __tablename__ = "marks"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
"""
AUTHOR = "author = await session.get_one(Author, 1)\n"
BAD = {
    "append": "author.books.append(Book(title='x'))",
    "extend": "author.books.extend([Book(title='x')])",
    "remove": "book = await session.get_one(Book, 1)\nauthor.books.remove(book)",
    "clear": "author.books.clear()",
    "assignment": "author.books = []",
    "augmented": "author.books += [Book(title='x')]",
    "deletion": "del author.books[0]",
    "setattr": "setattr(author, 'books', [])",
}
GOOD = {
    "the other side": "session.add(Book(title='x', author=author))",
    "the other side, set later": "book = await session.get_one(Book, 1)\nbook.author = None",
    "refreshed": "await session.refresh(author, ['books'])\nauthor.books.append(Book(title='x'))",
    "loaded": (
        "author = (await session.scalars(select(Author).options(selectinload(Author.books)))).one()\n"
        "author.books = [Book(title='x')]"
    ),
    "new": "other = Author()\nother.books.append(Book(title='x'))\nother.profile = Profile()\nsession.add(other)",
    "write only": "author.notes.add(Note())",
    "dynamic": "author.marks.append(Mark())",
    "one to one": "author.profile = Profile()",
    "one to one, taken away": "author.profile = None",
    "the other side of a one to one": "session.add(Profile(author=author))",
}


@pytest.mark.parametrize("series", SERIES)
def test_append_loads_the_collection(series: str, tmp_path: Path) -> None:
    assert GREENLET in error(example("ASQ507", series, tmp_path, AFTER))
    good = use_instead("ASQ507", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("None\n", "")
    repaired = run(series, fixed("ASQ507", tmp_path) + AFTER, cwd=tmp_path)
    assert (repaired.stdout, repaired.stderr) == ("None\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_changes_that_load_and_changes_that_do_not(series: str) -> None:
    bodies = {name: f"{AUTHOR}{body}\nawait session.flush()" for name, body in (BAD | GOOD).items()}
    found = each(series, PROGRAM, bodies, ROWS)
    assert [name for name in BAD if GREENLET not in found[name]] == []
    assert {name: found[name] for name in GOOD if found[name]} == {}
