"""
# unset-relationship-of-new-object

## What it does
Finds the read of a relationship of an object that was new, was flushed or committed, and never had the relationship
set.

## Why is this bad?
Until the flush, a relationship that was never set reads as empty. After it, the object is in the database, and the
read asks the database, which cannot happen outside of an `await`: `MissingGreenlet: greenlet_spawn has not been
called; can't call await_() here. Was IO attempted in an unexpected place?` (2.1 wraps it in a `StatementError`).
Neither `lazy="selectin"` nor a plain `refresh()` of a lazy relationship helps: nothing has queried the object.

## Example
    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        books: Mapped[list["Book"]] = relationship()


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


    async def create(session: AsyncSession, name: str) -> list[int]:
        author = Author(name=name)
        session.add(author)
        await session.flush()
        return [book.id for book in author.books]

## Use instead
    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        books: Mapped[list["Book"]] = relationship()


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


    async def create(session: AsyncSession, name: str) -> list[int]:
        author = Author(name=name)
        session.add(author)
        await session.flush()
        await session.refresh(author, ["books"])
        return [book.id for book in author.books]

## Fix safety
Unsafe: the refresh is one more query. `Author(name=name, books=[])` saves it where nothing else can have put a row
there.

## References
- [SQLAlchemy: preventing implicit IO when using
AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads) -
[sqlalchemy/sqlalchemy#9627](https://github.com/sqlalchemy/sqlalchemy/issues/9627)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.implicit_io.loading import cause, failing, subject
from flake8_async_sqla.rules.implicit_io.refreshing import refresh
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module


@rule("ASQ506", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def unset_relationship_of_new_object(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report reads of relationships that a new object never had set before its flush."""
    for failure in failing(module, "new"):
        yield Diagnostic(
            at=failure.at,
            message=f"{subject(module, failure)} was not set before {cause(module, failure)} inserted the object: "
            "reading it needs the database outside of an await (MissingGreenlet); set it in the constructor, or "
            f"refresh ['{failure.attribute}'] first",
            fix=partial(refresh, module, failure, [failure.attribute]),
        )
