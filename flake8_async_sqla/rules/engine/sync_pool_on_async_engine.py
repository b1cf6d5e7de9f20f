"""
# sync-pool-on-async-engine

## What it does
Finds a pool on an async engine that cannot work under asyncio: `poolclass=QueuePool` or `SingletonThreadPool`, a
subclass of them, an instance given as `pool=`, or a pool made by `create_pool_from_url()`.

## Why is this bad?
These pools block the thread while they wait for a connection. SQLAlchemy 2.x refuses them when the engine is made:
`ArgumentError: Pool class QueuePool cannot be used with asyncio engine`. 1.4 accepts them, and a full pool stops the
event loop.

## Example
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import QueuePool

    engine = create_async_engine("sqlite+aiosqlite:///app.db", poolclass=QueuePool)

## Use instead
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import AsyncAdaptedQueuePool

    engine = create_async_engine("sqlite+aiosqlite:///app.db", poolclass=AsyncAdaptedQueuePool)

## Fix safety
Safe for `QueuePool`: `AsyncAdaptedQueuePool` takes the same arguments and is what SQLAlchemy would choose by itself.
Unsafe for `SingletonThreadPool`, which is removed so that SQLAlchemy chooses. Pool instances and own subclasses are
left to you.

## References
- [SQLAlchemy: pool class cannot be used with asyncio engine](https://docs.sqlalchemy.org/en/20/errors.html#error-pcls)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, RemoveArgument, ReplaceName, safe, unsafe
from flake8_async_sqla.rules.engine.pools import blocking_pool, choices
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.module import Module


@rule("ASQ104", symptom="Pool class QueuePool cannot be used with asyncio engine", fixable="sometimes")
def sync_pool_on_async_engine(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report the pool of an async engine that blocks its thread."""
    if not engine.is_async:
        return
    for keyword in (found for found in engine.keywords if found.arg in ("poolclass", "pool")):
        for pool in choices(module, keyword):
            name = blocking_pool(module, pool)
            if name:
                yield Diagnostic(
                    at=pool,
                    message=f"{name} cannot serve an async engine (ArgumentError when it is made); "
                    "use AsyncAdaptedQueuePool",
                    fix=partial(_fix, engine, pool, keyword, name),
                )


def _fix(engine: EngineCall, pool: ast.expr, keyword: ast.keyword, name: str) -> Fix | Refusal:
    if keyword.arg == "pool":
        return Refusal("a pool instance holds settings of its own; give them to the engine instead")
    if not engine.holds(keyword):
        return Refusal("the pool class is written in a mapping that others may read")
    if not isinstance(pool, (ast.Name, ast.Attribute)) or name not in ("QueuePool", "SingletonThreadPool"):
        return Refusal("the pool class is the project's own")
    if name == "QueuePool":
        return safe(ReplaceName(pool, "sqlalchemy.pool.AsyncAdaptedQueuePool"))
    if pool is not keyword.value:
        return Refusal("the pool class is chosen at run time")
    return unsafe("SQLAlchemy chooses the pool", RemoveArgument(engine.options, keyword))
