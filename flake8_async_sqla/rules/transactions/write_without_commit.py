"""
# write-without-commit

## What it does
Finds changes made through a session that is opened here, whose end no commit comes before: new objects added, objects
deleted, attributes set, `insert()`, `update()`, `delete()` and writing SQL. Project functions and context managers
that the session goes through are followed, and the providers of FastAPI endpoints; a session that unseen code is given
is left alone, and so is one that is rolled back on purpose. Tests are not looked at.

## Why is this bad?
Nothing says so, but the changes are lost: the end of the session rolls back what was not committed.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def rename(name: str) -> None:
        async with factory() as session:
            await session.execute(text("UPDATE users SET name = :name"), {"name": name})

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def rename(name: str) -> None:
        async with factory.begin() as session:
            await session.execute(text("UPDATE users SET name = :name"), {"name": name})

## Fix safety
There is no fix: whether to commit after each change or once at the end is yours to say.

## References
- [SQLAlchemy: committing](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#committing)
- [vsdudakov/fastadmin#51](https://github.com/vsdudakov/fastadmin/issues/51)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.transactions.reports import lost, told
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.transactions.problems import walks


@rule(
    "ASQ701",
    symptom="the changes are rolled back when the session is closed",
    words=("async with", "await", ".add(", ".add_all("),
)
def write_without_commit(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report the first change of a session that no commit follows."""
    if is_test(module):
        return
    for walk in walks(module):
        for at in lost(walk, resource="session"):
            if isinstance(at, (ast.expr, ast.stmt)):
                yield Diagnostic(
                    at=at,
                    message=f"{told(at)} is a change, and no commit() follows before the session closes: it is lost; "
                    "commit, or use begin()",
                )
