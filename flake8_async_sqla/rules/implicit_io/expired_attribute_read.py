"""
# expired-attribute-read

## What it does
Finds the read of an attribute that is expired: after `await session.rollback()`, `session.expire()` or
`session.expire_all()`, after a bulk update, and after a commit where the factory, which leaves `expire_on_commit` on,
is in another file. (Where the factory is in the same file, ASQ204 reports it there.)

## Why is this bad?
An expired attribute is loaded again when it is read, which cannot happen outside of an `await`: `MissingGreenlet:
greenlet_spawn has not been called; can't call await_() here. Was IO attempted in an unexpected place?` (2.1 wraps it
in a `StatementError`). A rollback expires all objects, also those of sessions with `expire_on_commit=False`, and most
often before an error message that names one of them: the log holds `MissingGreenlet` in place of the error.

## Example
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(unique=True)


    async def rename(session: AsyncSession, user_id: int, name: str) -> None:
        user = await session.get_one(User, user_id)
        user.name = name
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            print(f"{user.name} keeps its name")

## Use instead
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(unique=True)


    async def rename(session: AsyncSession, user_id: int, name: str) -> None:
        user = await session.get_one(User, user_id)
        user.name = name
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            await session.refresh(user)
            print(f"{user.name} keeps its name")

## Fix safety
Unsafe: the refresh is one more query, and it starts a transaction. It is put before the statement that reads; where a
plain function or an expression of several objects reads, there is no fix.

## References
- [SQLAlchemy: preventing implicit IO when using
AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads) -
[hypothesis/h#3878](https://github.com/hypothesis/h/issues/3878) -
[sqlalchemy/sqlalchemy#8701](https://github.com/sqlalchemy/sqlalchemy/issues/8701)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.implicit_io.factories import reported_at_factory
from flake8_async_sqla.rules.implicit_io.loading import cause, failing, subject
from flake8_async_sqla.rules.implicit_io.refreshing import refresh
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.mapping import attribute
from flake8_async_sqla.semantics.module import Module


@rule("ASQ504", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def expired_attribute_read(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report reads of what a rollback, a commit or the project itself has expired."""
    for failure in failing(module, "expired"):
        if not reported_at_factory(module, failure, failure.cause):
            yield Diagnostic(
                at=failure.at,
                message=f"{subject(module, failure)} is expired by {cause(module, failure)}: reading it needs the "
                "database outside of an await (MissingGreenlet); await session.refresh() first, or read it before",
                fix=partial(refresh, module, failure, _names(failure)),
            )


def _names(failure: Failure) -> list[str]:
    found = attribute(failure.cls, failure.attribute)
    return [failure.attribute] if found is not None and found.kind == "relationship" else []
