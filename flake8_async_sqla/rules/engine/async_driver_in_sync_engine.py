"""
# async-driver-in-sync-engine

## What it does
Finds a database URL with a driver that is async only, given to the synchronous `create_engine()` or
`engine_from_config()`, also by way of a function of the project, unless the engine is wrapped in `AsyncEngine(...)`. In
Alembic's `env.py` that is ASQ801.

## Why is this bad?
The engine can be made, but its first connection raises `MissingGreenlet: greenlet_spawn has not been called; can't
call await_() here`.

## Example
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+aiosqlite:///app.db")

## Use instead
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///app.db")

## Fix safety
Unsafe: the code around must be synchronous as well. Offered for SQLite, whose sync driver is always there, while for
other databases the sync driver is the project's choice. Where the engine is used with `await` or `async with`, the
fix makes it an async engine instead.

## References
- [SQLAlchemy: MissingGreenlet](https://docs.sqlalchemy.org/en/20/errors.html#error-xd2s)
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, ReplaceName, unsafe
from flake8_async_sqla.rules.drivers import async_in, change_scheme
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import used_asynchronously
from flake8_async_sqla.semantics.engine.engines import EngineCall, is_wrapped
from flake8_async_sqla.semantics.engine.migrations import environments, is_environment
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl, urls
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.module import Module


@rule("ASQ103", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def async_driver_in_sync_engine(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report the URL of a sync engine whose driver is async only."""
    if engine.is_async or engine.url is None:
        return
    found = urls(module, engine.url)
    if not found or not all(async_in(url, module.project.settings.targets) for url in found):
        return
    url = found[0]
    if "async_fallback" in url.query or _never_connects(engine, module) or is_environment(module):
        return
    if is_wrapped(module, engine.call) or _runs_in_run_sync(module):
        return
    yield Diagnostic(
        at=engine.url,
        message=f"'{url.driver}' is an async driver{url.place(module)}: the first connection of {engine.name}() raises "
        "MissingGreenlet; use create_async_engine() or a sync driver",
        fix=partial(_fix, engine, module, url),
    )


def _runs_in_run_sync(module: Module) -> bool:
    """Tell whether an async ``env.py`` runs a module's migrations: async drivers can wait inside ``run_sync()``."""
    around = (item for item in environments(module) if module.path.startswith(os.path.dirname(item.path) + os.sep))
    return any("run_sync" in environment.text for environment in around)


def _never_connects(engine: EngineCall, module: Module) -> bool:
    """Tell whether an engine has another way to connect, or only lends its dialect."""
    if any(engine.keyword(name) is not None for name in ("strategy", "creator", "pool", "_is_async")):
        return True
    parent = module.parent(engine.call)
    return isinstance(parent, ast.Attribute) and parent.attr in ("dialect", "url", "name", "driver")


def _fix(engine: EngineCall, module: Module, url: DatabaseUrl) -> Fix | Refusal:
    if isinstance(engine, WrapperCall):
        return Refusal("a function of the project makes the engine")
    if used_asynchronously(module, engine.call):
        new = "async_engine_from_config" if engine.from_config else "create_async_engine"
        return unsafe("the engine becomes async", ReplaceName(engine.call.func, f"sqlalchemy.ext.asyncio.{new}"))
    if url.scheme != "sqlite+aiosqlite":
        return Refusal("which sync driver is installed cannot be seen")
    fix = change_scheme(module, engine, url, "sqlite")
    return fix if isinstance(fix, Refusal) else unsafe("the code around the engine must be synchronous", *fix.edits)
