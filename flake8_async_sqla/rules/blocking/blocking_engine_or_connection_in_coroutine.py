"""
# blocking-engine-or-connection-in-coroutine

## What it does
Finds the first line of a coroutine function where it does database IO through a synchronous engine or connection:
`engine.connect()`, `begin()`, `connection.execute()`, `metadata.create_all(engine)`, `pandas.read_sql(query,
engine)`.

## Why is this bad?
The event loop stops until the database has answered, and until the pool has a connection to give: with a `QueuePool`
that is exhausted that is up to `pool_timeout` (30 seconds), in which the coroutines that hold the connections cannot
give them back.

Nothing is reported where the IO runs in a thread, inside `run_sync()`, in tests, or in coroutines that only run under
an `asyncio.run()` of their own. Each coroutine function is reported once for each engine.

## Example
    from sqlalchemy import Engine, text


    class Health:
        def __init__(self, engine: Engine) -> None:
            self.engine = engine

        async def check(self) -> None:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine


    class Health:
        def __init__(self, engine: AsyncEngine) -> None:
            self.engine = engine

        async def check(self) -> None:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

## Fix safety
Unsafe, and only for FastAPI endpoints that await nothing: `async def` becomes `def`, which FastAPI runs in its thread
pool. Everything else needs an `AsyncEngine`, or a thread for the blocking part, which is a decision.

## Options
- `--async-sqla-app`: `never` switches the rule off.

## References
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [SQLAlchemy: connection pooling](https://docs.sqlalchemy.org/en/20/core/pooling.html)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.blocking.plain import direct_uses, finding
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module


@rule("ASQ603", symptom="the event loop stops while the database answers", fixable="sometimes")
def blocking_engine_or_connection_in_coroutine(node: ast.AsyncFunctionDef, module: Module) -> Iterator[Diagnostic]:
    """Report the first blocking line for each engine."""
    for use in direct_uses(module, node, of_engine=True):
        yield finding(module, node, use, "use an AsyncEngine, or hand the work to asyncio.to_thread()")
