"""
# sync-engine-in-async-app

## What it does
Finds a synchronous engine (`create_engine()`, `engine_from_config()`, `sqlmodel.create_engine()`) that a coroutine of
the project does database IO with: directly, through a session that a dependency provides, or through a helper
function; in this file or in one that imports it.

## Why is this bad?
The call blocks the event loop: while one request waits for the database, no other request, websocket or health check
is served. FastAPI's plain `def` endpoints run in a thread pool and are not reported, nor is anything that is handed
to a thread.

## Example
    from sqlalchemy import create_engine, text

    engine = create_engine("postgresql+psycopg2://app@db/app")


    async def count_users() -> int:
        with engine.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM users")).scalar_one()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://app@db/app")


    async def count_users() -> int:
        async with engine.connect() as connection:
            return (await connection.execute(text("SELECT count(*) FROM users"))).scalar_one()

## Fix safety
Unsafe, and only where every use of the engine is in coroutines of this file, in a form that has an async twin; the
engine, its uses and the URL change together. Everything else is refused: a half-converted engine is worse than a
blocking one.

## Options
- `--async-sqla-app`: `never` switches the rule off, `always` reports every synchronous engine.

## References
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [FastAPI: concurrency and async / await](https://fastapi.tiangolo.com/async/)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.engine.convert import convert_engine
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.blocking.blocking import blocking_use
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.module import Module


@rule("ASQ101", symptom="the event loop stops while the database answers", fixable="sometimes")
def sync_engine_in_async_app(engine: EngineCall, module: Module) -> Iterator[Diagnostic]:
    """Report a sync engine that coroutines use."""
    app = module.project.settings.app
    if engine.is_async or engine.configured or app == "never":
        return
    use = blocking_use(module, module.origin(engine.call))
    if use is None and app != "always":
        return
    why = f": {use.describe(module)} blocks the event loop with it" if use is not None else " in an async application"
    yield Diagnostic(
        at=engine.call,
        message=f"sync engine{why}; use create_async_engine()",
        fix=partial(convert_engine, module, engine),
    )
