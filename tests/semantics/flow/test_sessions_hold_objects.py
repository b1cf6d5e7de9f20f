"""Objects that a session holds already, and what SELECTs for other reasons load of them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.semantics.flow.programs import MODELS
from tests.semantics.flow.test_analysis import check

MORE = (
    MODELS
    + """
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, defer


class Data(MappedAsDataclass, DeclarativeBase):
    pass


class Letter(Data):
    __tablename__ = "letters"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    text: Mapped[Optional[str]] = mapped_column(deferred=True, deferred_raiseload=True, default=None)
    sent: Mapped[Optional[int]] = mapped_column(server_default=func.random(), default=None)


"""
)

PROGRAMS = {
    "the update of an expired object applies the options of its query": """
        author = (await session.scalars(select(Author).options(selectinload(Author.books)))).one()
        await session.commit()
        author.name = "changed"
        await session.scalars(select(Tag))
        author.books
    """,
    "refresh() of a many-to-one needs the foreign key, and loads all columns": """
        book = await session.get_one(Book, 1)
        await session.rollback()
        await session.refresh(book, ["author"])
        book.title
    """,
    "refresh() of a collection loads the primary key": """
        author = await session.get_one(Author, 1)
        await session.rollback()
        await session.refresh(author, ["books"])
        author.id
        author.name  # expired
    """,
    "populate_existing leaves what defer() leaves out": """
        await session.get(Tag, 1)
        authors = (await session.scalars(select(Author))).all()
        statement = select(Author).execution_options(populate_existing=True).options(defer(Author.name))
        author = (await session.scalars(statement)).one()
        author.name
    """,
    "what a session loaded behind one object may be behind another": """
        await session.scalars(select(Author).options(selectinload(Author.books)))
        book = await session.get_one(Book, 1, options=[defer(Book.title)])
        book.title
    """,
    "get() of what the session may hold begins no transaction": """
        author = await keep.get_one(Author, 1)
        await keep.commit()
        await keep.get(Author, 2)
        await keep.rollback()
        author.name
    """,
    "a query begins one": """
        author = await keep.get_one(Author, 1)
        await keep.commit()
        await keep.scalars(select(Author))
        await keep.rollback()
        author.name  # expired
    """,
    "a foreign key that is not expired leads to what the session holds": """
        author = await session.get_one(Author, 1)
        book = await session.get_one(Book, 1)
        session.expire(book, ["title"])
        book.author
    """,
    "the constructor of a dataclass sets deferred columns": """
        letter = Letter()
        session.add(letter)
        await session.flush()
        letter.text
    """,
    "objects of different keys are different": """
        await session.get(Author, 2, options=[selectinload(Author.books)])
        author = (await session.scalars(select(Author).where(Author.id == 1))).one()
        author.books  # relationship
    """,
    "objects of the same key are the same": """
        await session.get(Author, 1, options=[selectinload(Author.books)])
        author = (await session.scalars(select(Author).where(Author.id == 1))).one()
        author.books
    """,
    "options of get() mean nothing for what the session holds": """
        author = (await session.scalars(select(Author).where(Author.id == 1))).one()
        other = await session.get_one(Author, 1, options=[selectinload(Author.books)])
        other.books  # relationship
    """,
    "another key than the primary one tells nothing": """
        await session.get(Author, 2, options=[selectinload(Author.books)])
        author = (await session.scalars(select(Author).where(Author.name == 1))).one()
        author.books
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_the_session_holds(name: str, tmp_path: Path) -> None:
    body = textwrap.indent(textwrap.dedent(PROGRAMS[name]), " " * 8)
    header = "async def main(flag):\n    async with factory() as session, keeping() as keep:\n"
    check(f"{MORE}{header}{body}", tmp_path)


def test_objects_behind_a_detached_object_may_be_others_of_its_session(tmp_path: Path) -> None:
    source = """
async def main():
    async with keeping() as session:
        books = (await session.scalars(select(Book))).all()
        author = await session.get(Author, 1, options=[selectinload(Author.books).defer(Book.title)])
    author.books[0].title
"""
    check(MORE + source, tmp_path)


def test_what_was_flushed_is_detached_without_a_commit(tmp_path: Path) -> None:
    source = """
async def main(flag):
    async with factory() as session:
        author, book = Author(name="a"), Book(title="b")
        session.add_all([author, book])
        await session.flush()
        if book.author:
            print(book.author)
    author.name
    author.books  # detached
    book.author
"""
    check(MORE + source, tmp_path)


def test_what_was_never_flushed_is_no_longer_in_a_session(tmp_path: Path) -> None:
    source = """
async def main():
    async with factory() as session:
        author = Author(name="a")
        session.add(author)
    author.books
"""
    check(MORE + source, tmp_path)


def test_a_schema_leaves_the_object_as_it_is(tmp_path: Path) -> None:
    source = """
from pydantic import BaseModel, ConfigDict, model_validator


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class Changing(Out):
    @model_validator(mode="before")
    @classmethod
    def change(cls, value):
        value.books = []
        return value


async def plain():
    async with factory() as session:
        author = await session.get_one(Author, 1)
        Out.model_validate(author)
        author.books  # relationship
        await session.commit()
        return Out.model_validate(author)  # expired


async def changing():
    async with factory() as session:
        author = await session.get_one(Author, 1)
        Changing.model_validate(author)
        author.books
"""
    check(MORE + source, tmp_path)
