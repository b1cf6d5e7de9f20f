"""
# begin-after-autobegin

## What it does
Finds `begin()` on a session or connection whose transaction has begun already: by a query, `add()` or another `begin()`
before it, also in functions that it is given to and in the loop's last turn. With `autobegin=False`, finds what needs a
transaction before one was begun.

## Why is this bad?
The first use of a session begins its transaction by itself. A second begin is refused: `InvalidRequestError: A
transaction is already begun on this Session.` (of a connection: `This connection has already initialized a SQLAlchemy
Transaction() object via begin() or autobegin`). Without autobegin it is the other way round: `InvalidRequestError:
Autobegin is disabled on this Session; please call session.begin() to start a new transaction`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def rename(name: str) -> None:
        async with factory() as session:
            count = await session.scalar(text("SELECT count(*) FROM users"))
            async with session.begin():
                await session.execute(text("UPDATE users SET name = :name"), {"name": f"{name} {count}"})

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def rename(name: str) -> None:
        async with factory() as session:
            async with session.begin():
                count = await session.scalar(text("SELECT count(*) FROM users"))
                await session.execute(text("UPDATE users SET name = :name"), {"name": f"{name} {count}"})

## Fix safety
There is no fix: begin before the first use, use `begin_nested()` for a savepoint, or `commit()` at the end without a
block; each means something else.

## References
- [SQLAlchemy: explicit begin](https://docs.sqlalchemy.org/en/20/orm/session_transaction.html#explicit-begin)
- [SQLAlchemy: commit as you go](https://docs.sqlalchemy.org/en/20/core/connections.html#commit-as-you-go)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.transactions.reports import found, is_action, told, where
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.transactions.walk import Found


@rule("ASQ703", symptom="A transaction is already begun on this Session", words=("await", "async with"))
def begin_after_autobegin(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report transactions that begin twice, or not at all."""
    seen: set[ast.AST] = set()
    for item in found(module, "begun", "off"):
        if item.at not in seen and isinstance(item.at, (ast.expr, ast.stmt, ast.arg)):
            seen.add(item.at)
            yield Diagnostic(at=item.at, message=_message(module, item))


def _message(module: Module, item: Found) -> str:
    if item.problem == "off":
        return (
            f"{told(item.call)} needs a transaction, and this session was made with autobegin=False "
            "(InvalidRequestError: Autobegin is disabled); begin() one first"
        )
    through = "" if item.at is item.call else f"{told(item.at)} calls begin(): "
    earlier = where(module, item.because)
    if is_action(item.because.node, "begin") and item.path.blocks:
        advice = "use begin_nested() for a savepoint"
    else:
        advice = "begin before the first use, or commit() without a block"
    return f"{through}{earlier} has begun the transaction already (InvalidRequestError); {advice}"
