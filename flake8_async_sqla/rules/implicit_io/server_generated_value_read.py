"""
# server-generated-value-read

## What it does
Finds the read of a column that the database has just computed: one with an SQL expression in `onupdate=`, or with
`server_onupdate=`, after the flush or commit of a change to its object; one with `server_default=` after the insert
where the mapper says `eager_defaults=False`; any column that an SQL expression was assigned to.

## Why is this bad?
The flush expires the column, since SQLAlchemy does not know what the database made of it, whatever `expire_on_commit`
says. The next read loads it, which cannot happen outside of an `await`: `MissingGreenlet: greenlet_spawn has not been
called; can't call await_() here. Was IO attempted in an unexpected place?` (2.1 wraps it in a `StatementError`).
After an INSERT, SQLAlchemy fetches such values by `RETURNING`; after an UPDATE it does so with `eager_defaults=True`
only.

## Example
    from datetime import datetime

    from sqlalchemy import func
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        updated: Mapped[datetime | None] = mapped_column(onupdate=func.now())


    async def rename(session: AsyncSession, user_id: int, name: str) -> datetime | None:
        user = await session.get_one(User, user_id)
        user.name = name
        await session.flush()
        return user.updated

## Use instead
    from datetime import datetime

    from sqlalchemy import func
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        updated: Mapped[datetime | None] = mapped_column(onupdate=func.now())


    async def rename(session: AsyncSession, user_id: int, name: str) -> datetime | None:
        user = await session.get_one(User, user_id)
        user.name = name
        await session.flush()
        await session.refresh(user, ["updated"])
        return user.updated

## Fix safety
Unsafe: the refresh is one more query. `__mapper_args__ = {"eager_defaults": True}` on the class saves it where the
database has `RETURNING`, for every update of the class.

## References
- [SQLAlchemy: fetching server-generated
defaults](https://docs.sqlalchemy.org/en/20/orm/persistence_techniques.html#fetching-server-generated-defaults) -
[sqlalchemy/sqlalchemy#12125](https://github.com/sqlalchemy/sqlalchemy/issues/12125) -
[google/adk-python#5761](https://github.com/google/adk-python/issues/5761)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.implicit_io.loading import cause, failing, subject
from flake8_async_sqla.rules.implicit_io.refreshing import refresh
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module


@rule("ASQ505", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def server_generated_value_read(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report reads of columns that the database computed in the last flush."""
    for failure in failing(module, "server"):
        yield Diagnostic(
            at=failure.at,
            message=f"{subject(module, failure)} is computed by the database in {cause(module, failure)}: reading it "
            f"needs a query outside of an await (MissingGreenlet); refresh ['{failure.attribute}'] first, or set "
            "eager_defaults=True in __mapper_args__",
            fix=partial(refresh, module, failure, [failure.attribute]),
        )
