"""
# sync-sessionmaker-in-async-app

## What it does
Finds a synchronous session factory (`sessionmaker()` without an async session class) whose sessions a coroutine of the
project does database IO with: directly, through a dependency, or through a helper function; in this file or in one that
imports it.

## Why is this bad?
Every query of such a session blocks the event loop: while one request waits for the database, no other request is
served. FastAPI's plain `def` endpoints run in a thread pool and are not reported, nor is anything that is handed to a
thread.

## Example
    from sqlalchemy import Engine, text
    from sqlalchemy.orm import sessionmaker


    def make_counter(engine: Engine):
        factory = sessionmaker(engine)

        async def count_users() -> int:
            with factory() as session:
                return session.execute(text("SELECT count(*) FROM users")).scalar_one()

        return count_users

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker


    def make_counter(engine: AsyncEngine):
        factory = async_sessionmaker(engine, expire_on_commit=False)

        async def count_users() -> int:
            async with factory() as session:
                return (await session.execute(text("SELECT count(*) FROM users"))).scalar_one()

        return count_users

## Fix safety
Unsafe, and only where the engine, the factory and all their uses stand in coroutines of one file, in forms that have
an async twin: they change together, with `expire_on_commit=False`. Everything else is refused: a half-converted
session is worse than a blocking one.

## Options
- `--async-sqla-app`: `never` switches the rule off, `always` reports every synchronous factory.

## References
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [FastAPI: concurrency and async / await](https://fastapi.tiangolo.com/async/)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.engine.convert import convert_factory
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.blocking.blocking import blocking_use, is_test
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import FactoryCall


@rule("ASQ201", symptom="the event loop stops while the database answers", fixable="sometimes")
def sync_sessionmaker_in_async_app(factory: FactoryCall, module: Module) -> Iterator[Diagnostic]:
    """Report a sync session factory that coroutines use."""
    app = module.project.settings.app
    if app == "never" or not is_a(factory.product, SESSION) or is_a(module.type_of(factory.bind), ASYNC_ENGINE):
        return
    use = None if is_test(module) else blocking_use(module, module.origin(factory.call), factory=True)
    if use is None and app != "always":
        return
    why = (
        f": {use.describe(module)} blocks the event loop with its sessions"
        if use is not None
        else " in an async application"
    )
    yield Diagnostic(
        at=factory.call,
        message=f"sync session factory{why}; use async_sessionmaker()",
        fix=partial(convert_factory, module, factory),
    )
