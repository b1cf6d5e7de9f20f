"""
# deferred-column-read

## What it does
Finds reads of a column that the query left out: one that is declared `deferred`, or one that `load_only()` or
`defer()` leaves out. Objects are followed from the query to the read, also into helpers, properties and `__repr__`.

## Why is this bad?
A deferred column is loaded when it is read, which cannot happen outside of an `await`: `MissingGreenlet:
greenlet_spawn has not been called; can't call await_only() here. Was IO attempted in an unexpected place?` (2.1 wraps
it in a `StatementError` with some drivers).

## Example
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class Document(Base):
        __tablename__ = "documents"
        id: Mapped[int] = mapped_column(primary_key=True)
        body: Mapped[str] = mapped_column(deferred=True)


    async def preview(session: AsyncSession, document_id: int) -> str:
        document = await session.get_one(Document, document_id)
        return document.body[:20]

## Use instead
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, undefer


    class Base(DeclarativeBase):
        pass


    class Document(Base):
        __tablename__ = "documents"
        id: Mapped[int] = mapped_column(primary_key=True)
        body: Mapped[str] = mapped_column(deferred=True)


    async def preview(session: AsyncSession, document_id: int) -> str:
        document = await session.get_one(Document, document_id, options=[undefer(Document.body)])
        return document.body[:20]

## Fix safety
Unsafe: the query loads more than before, for all who use it. The fix adds `undefer()` where the query is in the same
file, and names no column that a `defer()` of its own leaves out.

## References
- [SQLAlchemy: limiting which columns load with column deferral](https://docs.sqlalchemy.org/en/20/orm/queryguide/columns.html#limiting-which-columns-load-with-column-deferral)
- [SQLAlchemy: preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.rules.implicit_io.loading import advice, cause, failing, plan, subject
from flake8_async_sqla.rules.implicit_io.refreshing import loaded_or_refreshed
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.module import Module


@rule("ASQ509", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def deferred_column_read(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report reads of columns that no query loaded."""
    for failure in failing(module, "deferred"):
        yield Diagnostic(
            at=failure.at,
            message=f"{subject(module, failure)} is deferred and not loaded by {cause(module, failure)}: reading it "
            f"needs the database outside of an await (MissingGreenlet); {advice(failure)}",
            fix=partial(_undefer, module, failure),
        )


def _undefer(module: Module, failure: Failure) -> Fix | Refusal:
    said = plan(failure)
    if said is not None and failure.attribute in said.deferred:
        return Refusal(f"defer() leaves '{failure.attribute}' out on purpose")
    return loaded_or_refreshed(module, failure)
