"""
# async-pool-on-sync-engine

## What it does
Finds `poolclass=AsyncAdaptedQueuePool` on a synchronous engine.

## Why is this bad?
SQLAlchemy 2.x refuses it when the engine is made: `ArgumentError: Pool class AsyncAdaptedQueuePool cannot be used
with non-asyncio engine`. 1.4 accepts it and fails at the first connection.

## Example
    from sqlalchemy import create_engine
    from sqlalchemy.pool import AsyncAdaptedQueuePool

    engine = create_engine("sqlite:///app.db", poolclass=AsyncAdaptedQueuePool)

## Use instead
    from sqlalchemy import create_engine
    from sqlalchemy.pool import QueuePool

    engine = create_engine("sqlite:///app.db", poolclass=QueuePool)

## Fix safety
Safe: `QueuePool` takes the same arguments, and the program cannot run as it is.

## References
- [SQLAlchemy: pool class cannot be used with asyncio engine](https://docs.sqlalchemy.org/en/20/errors.html#error-pcls)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, ReplaceName, safe
from flake8_async_sqla.rules.drivers import sync_engine_possible
from flake8_async_sqla.rules.engine.pools import ADAPTED, choices
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.inference.classes import is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External


@rule("ASQ105", symptom="Pool class AsyncAdaptedQueuePool cannot be used with non-asyncio engine", fixable="sometimes")
def async_pool_on_sync_engine(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report the async pool of an engine whose URL selects a sync driver."""
    if engine.is_async:
        return
    found = urls(module, engine.url)
    if not found or not all(sync_engine_possible(url, module.project.settings.targets) for url in found):
        return
    keyword = engine.keyword("poolclass")
    for pool in choices(module, keyword):
        if is_class(module.type_of(pool), *ADAPTED):
            yield Diagnostic(
                at=pool,
                message=f"an asyncio pool cannot serve {engine.name}() (ArgumentError: cannot be used with non-asyncio "
                "engine); use QueuePool",
                fix=partial(_fix, module, engine, keyword, pool),
            )


def _fix(module: Module, engine: EngineCall, keyword: ast.keyword | None, pool: ast.expr) -> Fix | Refusal:
    if keyword is None or not engine.holds(keyword):
        return Refusal("the pool class is written in a mapping that others may read")
    if not isinstance(pool, (ast.Name, ast.Attribute)) or not isinstance(module.type_of(pool), External):
        return Refusal("the pool class is the project's own")
    return safe(ReplaceName(pool, "sqlalchemy.pool.QueuePool"))
