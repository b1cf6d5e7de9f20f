"""
# lazy-relationship-read

## What it does
Finds reads of a relationship that nothing has loaded: in the coroutine itself, in a comprehension, a sort key, a
property, a `__repr__` or a helper in another file that the object is given to. Objects are followed from the query
that loads them, with its loader options, to the read; also behind relationships that are loaded
(`selectinload(Customer.orders)` and then `order.lines`).

Two reads surprise most: `refresh(author)` unloads the relationships that the query of the object did not load with an
option, those that the constructor set included; and a relationship declared `lazy="selectin"`, `"joined"` or
`"subquery"` is not loaded where it would lead back to a class on the way (`team.players[0].teams`, or `node.children`
of a class that refers to itself, without `join_depth`).

## Why is this bad?
The read must load the relationship, which cannot happen outside of an `await`:
`MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here. Was IO attempted in an unexpected
place?` (2.1 wraps it in a `StatementError` with some drivers).

## Example
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship()


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


    async def count_books(session: AsyncSession) -> int:
        authors = (await session.scalars(select(Author))).all()
        return sum(len(author.books) for author in authors)

## Use instead
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
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
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


    async def count_books(session: AsyncSession) -> int:
        authors = (await session.scalars(select(Author).options(selectinload(Author.books)))).all()
        return sum(len(author.books) for author in authors)

## Fix safety
Unsafe: the query loads more than before, for all who use it. The fix adds the loader option where the query is in the
same file: `selectinload()` for collections, `joinedload()` for single objects.

## References
- [SQLAlchemy: preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads)
- [SQLAlchemy: relationship loading techniques](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.implicit_io.loading import advice, cause, failing, subject
from flake8_async_sqla.rules.implicit_io.refreshing import loaded_or_refreshed
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module


@rule("ASQ501", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def lazy_relationship_read(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report reads of relationships that no query loaded."""
    for failure in failing(module, "relationship"):
        yield Diagnostic(
            at=failure.at,
            message=f"{subject(module, failure)} is not loaded by {cause(module, failure)}: reading it needs the "
            f"database outside of an await (MissingGreenlet); {advice(failure)}",
            fix=partial(loaded_or_refreshed, module, failure),
        )
