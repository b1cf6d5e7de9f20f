"""
# joined-collection-without-unique

## What it does
Finds results that are read without `unique()` though their query joins a collection: by `joinedload()` or
`contains_eager()`, or by a relationship that is declared `lazy="joined"`, also of a class that is joined itself.

## Why is this bad?
Each object comes in as many rows as its collection has items. Since 1.4, SQLAlchemy does not fold them silently:
`InvalidRequestError: The unique() method must be invoked on this Result, as it contains results that include joined
eager loads against collections`. `all()`, `one()`, `one_or_none()`, `scalar_one()`, `fetchone()`, `partitions()` and
iteration raise; `first()`, `scalar()` and `session.get()` do not.

## Example
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

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
        authors = await session.scalars(select(Author).options(joinedload(Author.books)))
        return sum(len(author.books) for author in authors.all())

## Use instead
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

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
        authors = await session.scalars(select(Author).options(joinedload(Author.books)))
        return sum(len(author.books) for author in authors.unique().all())

## Fix safety
Safe: without `unique()` the read raises.

## References
- [SQLAlchemy: joined eager loading](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#joined-eager-loading)
- [SQLAlchemy: ORM rows not uniquified by default](https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#migration-20-unique)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.implicit_io.loading import failing, where
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.flow.queries.results import READING
from flake8_async_sqla.semantics.module import Module


@rule("ASQ513", symptom="The unique() method must be invoked on this Result", fixable="sometimes")
def joined_collection_without_unique(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report results with joined collections that are read without unique()."""
    for failure in failing(module, "unique"):
        joined = f" ({where(module, failure.cause)})" if failure.cause is not None else ""
        yield Diagnostic(
            at=failure.at,
            message=f"the query for '{failure.cls.node.name}' joins a collection{joined}: reading its result raises "
            "InvalidRequestError; call unique() first",
            fix=partial(_unique, failure),
        )


def _unique(failure: Failure) -> Fix | Refusal:
    if failure.chain:
        return Refusal("a function that is called reads the result")
    node = failure.at
    match node:
        case ast.Call(func=ast.Attribute(value=result, attr=name)) if name in READING:
            return safe(ReplaceExpression(node.func, Code(f"{{result}}.unique().{name}", {"result": result})))
        case ast.Call(func=ast.Name(), args=[result]):
            return safe(ReplaceExpression(result, Code("{result}.unique()", {"result": result})))
    return safe(ReplaceExpression(node, Code("{result}.unique()", {"result": node})))
