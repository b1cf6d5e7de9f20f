from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.implicit_io import GREENLET, driving, each
from tests.proofs.programs import SERIES, error, example, fixed, use_instead
from tests.sqlalchemy_versions import run

AFTER = driving('create(session, "Ada")')
PROGRAM = """
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author", lazy="LAZY")

class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")
"""
NEW = "author = Author(name='Ada')\nsession.add(author)\n"
FLUSHED = NEW + "await session.flush()\n"
BAD = {
    "flushed": ("select", NEW + "await session.flush()\nreturn author.books"),
    "committed": ("select", NEW + "await session.commit()\nreturn len(author.books)"),
    "refreshed as a whole": (
        "select",
        NEW + "await session.flush()\nawait session.refresh(author)\nreturn author.books",
    ),
    "selectin does not help": ("selectin", NEW + "await session.flush()\nreturn author.books"),
    "joined does not help": ("joined", NEW + "await session.flush()\nreturn author.books"),
    "append": ("select", NEW + "await session.flush()\nauthor.books.append(Book())"),
    "read before, not set": ("select", NEW + "author.books\nawait session.flush()\nreturn author.books"),
    "autoflush": ("select", NEW + "await session.get(Book, 1)\nreturn author.books"),
}
GOOD = {
    "not flushed": ("select", NEW + "return author.books"),
    "set in the constructor": (
        "select", "author = Author(name='A', books=[])\nsession.add(author)\nawait session.flush()\nauthor.books",
    ),
    "refreshed by name": ("select", FLUSHED + "await session.refresh(author, ['books'])\nauthor.books"),
    "selectin and a refresh": ("selectin", NEW + "await session.flush()\nawait session.refresh(author)\nauthor.books"),
    "no foreign key": ("select", "book = Book()\nsession.add(book)\nawait session.flush()\nreturn book.author"),
    "appended before": ("select", NEW + "author.books.append(Book())\nawait session.flush()\nreturn len(author.books)"),
}  # fmt: skip


@pytest.mark.parametrize("series", SERIES)
def test_flush_makes_an_unset_relationship_a_query(series: str, tmp_path: Path) -> None:
    assert GREENLET in error(example("ASQ506", series, tmp_path, AFTER))
    good = use_instead("ASQ506", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("[]\n", "")
    repaired = run(series, fixed("ASQ506", tmp_path) + AFTER, cwd=tmp_path)
    assert (repaired.stdout, repaired.stderr) == ("[]\n", "")


@pytest.mark.parametrize("lazy", ["select", "selectin", "joined"])
@pytest.mark.parametrize("series", SERIES)
def test_unset_and_set_relationships(series: str, lazy: str) -> None:
    given = {name: body for name, (strategy, body) in (BAD | GOOD).items() if strategy == lazy}
    found = each(series, PROGRAM.replace("LAZY", lazy), given)
    assert [name for name in given if (GREENLET in found[name]) is not (name in BAD)] == []
    assert {name: found[name] for name in given if name in GOOD and found[name]} == {}
