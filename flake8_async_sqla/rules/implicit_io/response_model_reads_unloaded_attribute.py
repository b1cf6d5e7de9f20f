"""
# response-model-reads-unloaded-attribute

## What it does
Finds mapped objects that a Pydantic or SQLModel schema reads an attribute of that nothing has loaded, or that is
expired: what a FastAPI endpoint with `response_model=` or a schema as return annotation returns, and what is given to
`model_validate()`, `from_orm()`, a `TypeAdapter` or a field of another schema. Schemas are followed to nested ones,
base classes, aliases and other files; where a validator comes first, nothing is said. The same goes for `dump()` of
marshmallow's schemas, and for `msgspec.convert(..., from_attributes=True)`.

## Why is this bad?
Validation reads each field's attribute of the object, outside of any `await`. FastAPI answers 500 and logs
`ResponseValidationError` with `Error extracting attribute: MissingGreenlet: greenlet_spawn has not been called` for
the field (2.1: `Error extracting attribute: StatementError: (sqlalchemy.exc.MissingGreenlet)`); `model_validate()`
raises Pydantic's `ValidationError` with the same words. A default of the field does not help, nor does
`response_model_exclude`: the attribute is read before. marshmallow lets the exception through; msgspec takes the
attribute for missing.

## Example
    from fastapi import Depends, FastAPI
    from pydantic import BaseModel
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
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


    class BookOut(BaseModel):
        id: int


    class AuthorOut(BaseModel):
        id: int
        books: list[BookOut]


    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()


    async def get_session():
        async with factory() as session:
            yield session


    @app.get("/ping", response_model=list[AuthorOut])
    async def authors(session: AsyncSession = Depends(get_session)):
        return (await session.scalars(select(Author))).all()

## Use instead
    from fastapi import Depends, FastAPI
    from pydantic import BaseModel
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
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


    class BookOut(BaseModel):
        id: int


    class AuthorOut(BaseModel):
        id: int
        books: list[BookOut]


    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()


    async def get_session():
        async with factory() as session:
            yield session


    @app.get("/ping", response_model=list[AuthorOut])
    async def authors(session: AsyncSession = Depends(get_session)):
        return (await session.scalars(select(Author).options(selectinload(Author.books)))).all()

## Fix safety
Unsafe: the query loads more than before, for all who use it. The fix adds the loader option where the query is in the
same file: `selectinload()` for collections, `joinedload()` for single objects. What is expired is refreshed before it
is handed on, which is one more query.

## References
- [SQLAlchemy: preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads)
- [FastAPI: response model](https://fastapi.tiangolo.com/tutorial/response-model/)
- [Pydantic: arbitrary class instances](https://docs.pydantic.dev/latest/concepts/models/#arbitrary-class-instances)
- [fastapi/sqlmodel#643](https://github.com/fastapi/sqlmodel/discussions/643)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.implicit_io.out_of_sight import remedy, repair, unseen_reads, what
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module

_RAISED = {
    "response model": "ResponseValidationError ({error})",
    "schema": "ValidationError ({error})",
    "struct": "ValidationError (missing required field) in place of {error}",
    "marshmallow schema": "{error}",
}


@rule("ASQ502", symptom="ResponseValidationError", fixable="sometimes")
def response_model_reads_unloaded_attribute(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report what response models and schemas read of objects."""
    for failure, sink, error in unseen_reads(module, *_RAISED):
        yield Diagnostic(
            at=failure.at,
            message=f"{sink.kind} {sink.name} reads {what(module, failure)}: {_RAISED[sink.kind].format(error=error)}; "
            f"{remedy(failure, error)}",
            fix=partial(repair, module, failure, error),
        )
