"""
# change-of-unloaded-collection

## What it does
Finds a change of a collection that must load it first: `append()`, `extend()`, `remove()` or another method of a
collection that is not loaded, and an assignment over one.

## Why is this bad?
`author.books.append(book)` reads `author.books` before it appends, and an assignment needs the old members to know
which of them go. Neither can load outside of an `await`: `MissingGreenlet: greenlet_spawn has not been called; can't
call await_() here. Was IO attempted in an unexpected place?` (2.1 wraps it in a `StatementError`).

## Example
    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship(back_populates="author")


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
        author: Mapped[Author] = relationship(back_populates="books")


    async def add_book(session: AsyncSession, author_id: int, title: str) -> None:
        author = await session.get_one(Author, author_id)
        author.books.append(Book(title=title))
        await session.commit()

## Use instead
    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship(back_populates="author")


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
        author: Mapped[Author] = relationship(back_populates="books")


    async def add_book(session: AsyncSession, author_id: int, title: str) -> None:
        author = await session.get_one(Author, author_id)
        await session.refresh(author, ["books"])
        author.books.append(Book(title=title))
        await session.commit()

## Fix safety
Unsafe: the refresh loads the whole collection. `session.add(Book(title=title, author=author))` needs no query;
`relationship(lazy="write_only")` is made for large collections.

## References
- [SQLAlchemy: preventing implicit IO when using
AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads) -
[SQLAlchemy: working with large collections](https://docs.sqlalchemy.org/en/20/orm/large_collections.html)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.implicit_io.loading import cause, failing, subject
from flake8_async_sqla.rules.implicit_io.refreshing import refresh
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module


@rule("ASQ507", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def change_of_unloaded_collection(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report changes of collections that must load them first."""
    for failure in failing(module, "change"):
        yield Diagnostic(
            at=failure.at,
            message=f"{subject(module, failure)} is not loaded by {cause(module, failure)}: changing it loads it, "
            "outside of an await (MissingGreenlet); set the other side of the relationship, or refresh "
            f"['{failure.attribute}'] first",
            fix=partial(refresh, module, failure, [failure.attribute]),
        )
