"""
# read-after-session-block

## What it does
Finds the read of an attribute that is not loaded, or expired, after the session of its object is closed: behind the
`async with` block, in the caller of the function that returned the object, after `session.close()` or
`session.expunge()`.

## Why is this bad?
The object has no session to load anything with any more: `DetachedInstanceError: Parent instance <Author> is not
bound to a Session; lazy load operation of attribute 'books' cannot proceed`. Not even `await
author.awaitable_attrs.books` or `session.refresh()` with another session helps.

## Example
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship()


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


    async def titles(author_id: int) -> list[str]:
        async with factory() as session:
            query = select(Author).where(Author.id == author_id)
            author = (await session.scalars(query)).one()
        return [book.title for book in author.books]

## Use instead
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship()


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


    async def titles(author_id: int) -> list[str]:
        async with factory() as session:
            query = select(Author).options(selectinload(Author.books)).where(Author.id == author_id)
            author = (await session.scalars(query)).one()
        return [book.title for book in author.books]

## Fix safety
Unsafe: the loader option is one more query for each run of the one that it is added to. There is no fix where no
query of the same file feeds the object, or where what is read was expired.

## References
- [SQLAlchemy: DetachedInstanceError](https://docs.sqlalchemy.org/en/20/errors.html#error-bhk3)
- [johnsturgeon/autoplex#111](https://github.com/johnsturgeon/autoplex/issues/111)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.rules.implicit_io.factories import reported_at_factory
from flake8_async_sqla.rules.implicit_io.loading import (
    cause,
    failing,
    load,
    option,
    subject,
    unloaded_by_refresh,
    where,
)
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.module import Module


@rule("ASQ514", symptom="DetachedInstanceError", fixable="sometimes")
def read_after_session_block(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report reads that need a session which is closed."""
    for failure in failing(module, "detached"):
        if failure.missing == "expired" and reported_at_factory(module, failure, failure.source):
            continue
        yield Diagnostic(
            at=failure.at,
            message=f"{subject(module, failure)} is {_state(module, failure)}, and {cause(module, failure)} has "
            f"detached its object: reading it raises DetachedInstanceError; {_advice(failure)}",
            fix=partial(_fix, module, failure),
        )


def _state(module: Module, failure: Failure) -> str:
    if failure.missing == "expired" and failure.source is not None:
        return f"expired by {failure.source.what} ({where(module, failure.source)})"
    return "not loaded"


def _advice(failure: Failure) -> str:
    if failure.missing != "relationship" or _unloaded(failure):
        return "read it, or refresh the object, while the session is open"
    return f"add .options({option(failure)}) to the query"


def _unloaded(failure: Failure) -> bool:
    return unloaded_by_refresh(replace(failure, cause=failure.source))


def _fix(module: Module, failure: Failure) -> Fix | Refusal:
    if failure.missing != "relationship" or _unloaded(failure):
        return Refusal("no loader option would have helped")
    return load(module, replace(failure, cause=failure.source))
