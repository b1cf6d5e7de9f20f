"""
# template-reads-unloaded-attribute

## What it does
Finds mapped objects that are given to a Jinja template which reads an attribute of them that nothing has loaded, or
that is expired. Templates are read where the project holds them: in the source (`DictLoader`, `from_string()`), and
in directories below the project's root (`Jinja2Templates`, `FileSystemLoader`, `PackageLoader`), with what they
include and extend. Only what is rendered in any case counts: not what is inside `{% if %}` or a macro.

## Why is this bad?
A template is rendered outside of any `await`, also by `render_async()`: reading the attribute raises
`MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here. Was IO attempted in an unexpected
place?` (2.1 wraps it in a `StatementError` with some drivers).

## Example
    from jinja2 import DictLoader, Environment
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
        author: Mapped[Author] = relationship()


    loader = DictLoader({"books.html": "{% for book in books %}{{ book.author.name }}{% endfor %}"})
    environment = Environment(loader=loader)


    async def page(session: AsyncSession) -> str:
        books = (await session.scalars(select(Book))).all()
        return environment.get_template("books.html").render(books=books)

## Use instead
    from jinja2 import DictLoader, Environment
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
        author: Mapped[Author] = relationship()


    loader = DictLoader({"books.html": "{% for book in books %}{{ book.author.name }}{% endfor %}"})
    environment = Environment(loader=loader)


    async def page(session: AsyncSession) -> str:
        books = (await session.scalars(select(Book).options(joinedload(Book.author)))).all()
        return environment.get_template("books.html").render(books=books)

## Fix safety
Unsafe: the query loads more than before, for all who use it. The fix adds the loader option where the query is in the
same file: `selectinload()` for collections, `joinedload()` for single objects. What is expired is refreshed before it
is handed on, which is one more query.

## References
- [SQLAlchemy: preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads)
- [FastAPI: templates](https://fastapi.tiangolo.com/advanced/templates/)
- [Jinja: template designer documentation](https://jinja.palletsprojects.com/en/stable/templates/)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.implicit_io.out_of_sight import remedy, repair, unseen_reads, what
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module


@rule("ASQ503", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def template_reads_unloaded_attribute(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report what templates read of objects."""
    for failure, sink, error in unseen_reads(module, "template"):
        yield Diagnostic(
            at=failure.at,
            message=f"template {sink.name} reads {what(module, failure)}: {error}; {remedy(failure, error)}",
            fix=partial(repair, module, failure, error),
        )
