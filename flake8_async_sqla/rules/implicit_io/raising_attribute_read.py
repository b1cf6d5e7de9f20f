"""
# raising-attribute-read

## What it does
Finds reads of an attribute that must not be loaded by the read, and that no query has loaded: a relationship with
`lazy="raise"`, `lazy="raise_on_sql"` or under `raiseload()`, a column with `deferred_raiseload=True`. Objects are
followed from the query to the read, also into helpers, properties and `__repr__`.

## Why is this bad?
The read raises at once: `InvalidRequestError: 'Room.seats' is not available due to lazy='raise'`.

## Example
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Room(Base):
        __tablename__ = "rooms"
        id: Mapped[int] = mapped_column(primary_key=True)
        seats: Mapped[list["Seat"]] = relationship(lazy="raise")


    class Seat(Base):
        __tablename__ = "seats"
        id: Mapped[int] = mapped_column(primary_key=True)
        room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))


    async def capacity(session: AsyncSession, room_id: int) -> int:
        room = (await session.scalars(select(Room).where(Room.id == room_id))).one()
        return len(room.seats)

## Use instead
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


    class Base(DeclarativeBase):
        pass


    class Room(Base):
        __tablename__ = "rooms"
        id: Mapped[int] = mapped_column(primary_key=True)
        seats: Mapped[list["Seat"]] = relationship(lazy="raise")


    class Seat(Base):
        __tablename__ = "seats"
        id: Mapped[int] = mapped_column(primary_key=True)
        room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))


    async def capacity(session: AsyncSession, room_id: int) -> int:
        room = (await session.scalars(select(Room).options(selectinload(Room.seats)).where(Room.id == room_id))).one()
        return len(room.seats)

## Fix safety
Unsafe: the query loads more than before, for all who use it. The fix adds the loader option where the query is in the
same file, unless a `raiseload()` of the query's own names the attribute.

## References
- [SQLAlchemy: preventing unwanted lazy loads using raiseload](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#prevent-lazy-with-raiseload)
- [litestar-org/advanced-alchemy#552](https://github.com/litestar-org/advanced-alchemy/issues/552)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.rules.implicit_io.loading import cause, failing, load, option, plan, subject
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.module import Module


@rule("ASQ510", symptom="InvalidRequestError: ... is not available due to lazy='raise'", fixable="sometimes")
def raising_attribute_read(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report reads of attributes that raise unless a query loaded them."""
    for failure in failing(module, "raising"):
        yield Diagnostic(
            at=failure.at,
            message=f"{subject(module, failure)} is not loaded by {cause(module, failure)}, and reading it raises "
            f"InvalidRequestError (raiseload); add .options({option(failure)})",
            fix=partial(_load, module, failure),
        )


def _load(module: Module, failure: Failure) -> Fix | Refusal:
    said = plan(failure)
    if said is not None and failure.attribute in said.raising:
        return Refusal(f"an option of the query forbids to load '{failure.attribute}'")
    return load(module, failure)
