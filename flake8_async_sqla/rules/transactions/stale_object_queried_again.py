"""
# stale-object-queried-again

## What it does
Finds `select()` and `get()` for an object that the session holds already, after another session of the project has
committed a change of its row, where a column that was changed is read then: `update()` of that row or of all rows, or
attributes set, with the same primary key. Nothing is said where the first session has expired, refreshed or rolled
back its objects since, where no variable refers to the object any more, and where the query has `populate_existing`.

Also finds reads of such a column, queried again or not, after the session itself has executed an UPDATE of which its
objects learn nothing: `synchronize_session=False`, or plain SQL (`text("UPDATE ...")`) for all rows or the one of the
object.

## Why is this bad?
The query may go to the database, but the session has one object for each row, and that keeps the values that it has:
the change of the other session is not seen, and no error says so. A `commit()` in between helps only if it expires
objects, which sessions with `expire_on_commit=False` do not do.

## Example
    from sqlalchemy import select, update
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    class Base(DeclarativeBase):
        pass


    class Item(Base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)
        quantity: Mapped[int]


    async def add_stock(item_id: int, more: int) -> None:
        async with factory.begin() as session:
            await session.execute(update(Item).where(Item.id == item_id).values(quantity=Item.quantity + more))


    async def restock(item_id: int) -> int:
        async with factory() as session:
            item = await session.get_one(Item, item_id)
            await add_stock(item.id, 10)
            fresh = (await session.scalars(select(Item).where(Item.id == item_id))).one()
            return fresh.quantity

## Use instead
    from sqlalchemy import select, update
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    class Base(DeclarativeBase):
        pass


    class Item(Base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)
        quantity: Mapped[int]


    async def add_stock(item_id: int, more: int) -> None:
        async with factory.begin() as session:
            await session.execute(update(Item).where(Item.id == item_id).values(quantity=Item.quantity + more))


    async def restock(item_id: int) -> int:
        async with factory() as session:
            item = await session.get_one(Item, item_id)
            await add_stock(item.id, 10)
            query = select(Item).where(Item.id == item_id)
            fresh = (await session.scalars(query.execution_options(populate_existing=True))).one()
            return fresh.quantity

## Fix safety
Unsafe: `populate_existing` overwrites what was changed on the objects of the query and not flushed.

## References
- [SQLAlchemy: populate
existing](https://docs.sqlalchemy.org/en/20/orm/queryguide/api.html#orm-queryguide-populate-existing)
- [SQLAlchemy: refreshing and expiring](https://docs.sqlalchemy.org/en/20/orm/session_state_management.html#session-expire)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.implicit_io.loading import cause, failing, subject
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.module import Module

COST = "populate_existing overwrites changes that are not flushed"


@rule(
    "ASQ709",
    symptom="the query gives the old values",
    fixable="sometimes",
    words=("commit(", "begin(", "synchronize_session", "UPDATE "),
)
def stale_object_queried_again(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report queries that give an object as it was before another session changed its row."""
    told: set[ast.expr] = set()
    for failure in [*failing(module, "stale", "behind"), *failing(module, "stale", "behind", sinks=True)]:
        if failure.at not in told:
            told.add(failure.at)
            yield _again(module, failure) if failure.kind == "stale" else _behind(module, failure)


def _again(module: Module, failure: Failure) -> Diagnostic:
    return Diagnostic(
        at=failure.at,
        message=f"the session has this {failure.cls.node.name} already and gives it as it was before "
        f"'{failure.attribute}' was changed by {cause(module, failure)}; query it with populate_existing=True, or "
        "refresh() it",
        fix=partial(_populate, module, failure),
    )


def _behind(module: Module, failure: Failure) -> Diagnostic:
    return Diagnostic(
        at=failure.at,
        message=f"{subject(module, failure)} has the value from before {cause(module, failure)}, which leaves the "
        "objects of the session as they are; refresh() the object first",
        fix=lambda: Refusal("a refresh() loads more than this value"),
    )


def _populate(module: Module, failure: Failure) -> Fix | Refusal:
    query, call = failure.query, failure.at
    if query is None and isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("get", "get_one"):
        return unsafe(COST, AddKeyword(call, "populate_existing", Code("True")))
    if query is None or query.module != module:
        return Refusal("the query cannot be seen here")
    option = Code("{call}.execution_options(populate_existing=True)", {"call": query.call})
    return unsafe(COST, ReplaceExpression(query.call, option))
