"""
# connection-used-after-block

## What it does
Finds a connection that is used after the `async with engine.begin()` or `engine.connect()` block that closed it.

## Why is this bad?
The end of the block closes the connection: `ResourceClosedError: This Connection is closed`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def rename(name: str) -> int:
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE users SET name = :name"), {"name": name})
        return await connection.scalar(text("SELECT count(*) FROM users"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def rename(name: str) -> int:
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE users SET name = :name"), {"name": name})
            return await connection.scalar(text("SELECT count(*) FROM users"))

## Fix safety
There is no fix: what else belongs into the block is yours to say.

## References
- [SQLAlchemy: using AsyncEngine](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#synopsis-core)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.transactions.reports import found, told
from flake8_async_sqla.semantics.module import Module


@rule("ASQ704", symptom="ResourceClosedError: This Connection is closed", words=("connect(", "begin("))
def connection_used_after_block(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report the first use of a connection after its end."""
    seen: set[ast.AST] = set()
    for item in found(module, "closed"):
        if item.at not in seen and isinstance(item.at, (ast.expr, ast.stmt)):
            seen.add(item.at)
            line = getattr(item.because.site, "lineno", 0)
            yield Diagnostic(
                at=item.at,
                message=f"{told(item.at)} uses a connection that was closed by the end of its block (opened in line "
                f"{line}): ResourceClosedError; move it into the block",
            )
