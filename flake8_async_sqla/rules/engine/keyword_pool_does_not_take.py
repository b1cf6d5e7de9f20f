"""
# keyword-pool-does-not-take

## What it does
Finds pool settings (`pool_size`, `max_overflow`, `pool_timeout`, `pool_use_lifo`) for a pool that has no such
setting: `NullPool`, `StaticPool`, `AssertionPool`, or the `StaticPool` that an in-memory SQLite database gets.

## Why is this bad?
The engine cannot be made: `TypeError: Invalid argument(s) 'pool_size','max_overflow' sent to create_engine(), using
configuration .../NullPool/Engine.`

## Example
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("sqlite+aiosqlite:///app.db", poolclass=NullPool, pool_size=5)

## Use instead
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("sqlite+aiosqlite:///app.db", poolclass=NullPool)

## Fix safety
Unsafe: it removes the setting, while the pool class may be what is wrong. Not offered where the pool class depends on a
condition: the other one may take the setting.

## References
- [SQLAlchemy: connection pooling](https://docs.sqlalchemy.org/en/20/core/pooling.html)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.facts.keywords_generated import POOL_KEYWORDS
from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, RemoveArgument, unsafe
from flake8_async_sqla.rules.engine.pools import SETTINGS, choices, pools_of
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.module import Module


@rule("ASQ107", symptom="Invalid argument(s) 'pool_size' sent to create_engine()", fixable="sometimes")
def keyword_pool_does_not_take(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report settings that the engine's pool does not have."""
    chosen_by = engine.keyword("poolclass")
    for name in SETTINGS:
        keyword = engine.keyword(name)
        if keyword is None or (chosen_by is not None and not {keyword, chosen_by} & {*engine.keywords}):
            continue
        refusing = [
            pool
            for version in sorted(module.project.settings.targets)
            for pool in pools_of(engine, module, version)
            if name not in POOL_KEYWORDS[version][pool]
        ]
        if refusing:
            chosen = len(choices(module, chosen_by)) > 1
            advice = "give it to the pool that takes it only" if chosen else "remove it"
            yield Diagnostic(
                at=keyword,
                message=f"{refusing[0]} takes no '{name}' (TypeError: Invalid argument(s)); {advice}",
                fix=partial(_fix, engine, keyword, chosen=chosen),
            )


def _fix(engine: EngineCall, keyword: ast.keyword, *, chosen: bool) -> Fix | Refusal:
    if chosen:
        return Refusal("the other pool may take it")
    if not engine.holds(keyword):
        return Refusal("the keyword is written in a mapping that others may read")
    return unsafe("the pool class may be what is wrong", RemoveArgument(engine.options, keyword))
