"""
# sync-environment-with-async-url

## What it does
Finds an Alembic `env.py` that makes a synchronous engine, with `engine_from_config()` or `create_engine()`, while the
URL has a driver that is async only. The URL may be set in `env.py`, with `config.set_main_option()` or as an item of
the configuration, come from the application's settings, or stand in `alembic.ini`. The same goes for a connection of
an async engine's `sync_engine`.

## Why is this bad?
Each command that connects (`alembic upgrade`, `alembic revision --autogenerate`) ends with `MissingGreenlet:
greenlet_spawn has not been called; can't call await_() here`. Alembic's template `generic` is synchronous: with an
async driver you need `alembic init -t async`, or a URL with a sync driver for the migrations.

## Example
    from alembic import context
    from sqlalchemy import engine_from_config, pool

    config = context.config
    config.set_main_option("sqlalchemy.url", "sqlite+aiosqlite:///app.db")


    def run_migrations_online() -> None:
        connectable = engine_from_config(
            config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool
        )
        with connectable.connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()


    run_migrations_online()

## Use instead
    from alembic import context
    from sqlalchemy import engine_from_config, pool

    config = context.config
    config.set_main_option("sqlalchemy.url", "sqlite:///app.db")


    def run_migrations_online() -> None:
        connectable = engine_from_config(
            config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool
        )
        with connectable.connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()


    run_migrations_online()

## Fix safety
Unsafe, and offered for SQLite only, where the URL is written in `env.py`: its sync driver is always there. For other
databases the choice between another driver and the async template is the project's.

## References
- [Alembic: using asyncio](https://alembic.sqlalchemy.org/en/latest/cookbook.html#using-asyncio-with-alembic)
- [sqlalchemy/alembic#805](https://github.com/sqlalchemy/alembic/issues/805)
- [nonebot/plugin-orm#12](https://github.com/nonebot/plugin-orm/issues/12)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, ReplaceInString, unsafe
from flake8_async_sqla.rules.drivers import async_in
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.configured import configured_urls
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.migrations import calls, is_environment, runs_at_once
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import call_subjects

_SIDE = (
    "the sync side of an async engine connects inside run_sync() only (MissingGreenlet); use the env.py of "
    "'alembic init -t async', or an engine with a sync driver"
)


@rule(
    "ASQ801",
    symptom="MissingGreenlet: greenlet_spawn has not been called",
    fixable="sometimes",
    names=("sync_engine",),
    words=("alembic",),
)
def sync_environment_with_async_url(engine: EngineCall | ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report the sync engine of an ``env.py`` whose URL has an async driver, and the sync side of an async engine."""
    if isinstance(engine, ast.Attribute):
        if _connects(module, engine):
            yield Diagnostic(at=engine, message=_SIDE)
        return
    if engine.is_async or not is_environment(module) or _makes_async_engine(module):
        return
    found = configured_urls(module, engine)
    targets = module.project.settings.targets
    if not found or not all(async_in(url, targets) and "async_fallback" not in url.query for url, _ in found):
        return
    url, place = found[0]
    yield Diagnostic(
        at=engine.call,
        message=f"'{url.driver}' is an async driver{place and f' ({place})'}: {engine.name}() makes a sync engine, "
        "whose first connection raises MissingGreenlet; use the env.py of 'alembic init -t async', or a sync driver",
        fix=partial(_fix, module, url, place),
    )


def _connects(module: Module, node: ast.Attribute) -> bool:
    """Tell whether an ``env.py`` connects through ``engine.sync_engine`` where no event loop runs."""
    if node.attr != "sync_engine" or not is_environment(module) or not is_a(module.type_of(node.value), ASYNC_ENGINE):
        return False
    parent, function = module.parent(node), module.function(node)
    connected = isinstance(parent, ast.Attribute) and parent.attr in ("connect", "begin")
    plain = function is None or (isinstance(function, ast.FunctionDef) and runs_at_once(module, function))
    return plain and (connected or isinstance(parent, ast.Assign))


def _makes_async_engine(module: Module) -> bool:
    """Tell whether an ``env.py`` chooses between both kinds of engine."""
    subjects = (subject for call in calls(module) for subject in call_subjects(module, call))
    return any(isinstance(subject, EngineCall) and subject.is_async for subject in subjects)


def _fix(module: Module, url: DatabaseUrl, place: str) -> Fix | Refusal:
    if url.scheme != "sqlite+aiosqlite":
        return Refusal("whether migrations shall use a sync driver or an async env.py is the project's choice")
    node = url.text.node
    if url.text.module != module or not isinstance(node, (ast.Constant, ast.JoinedStr)):
        return Refusal(f"the URL is written in {place}; change it there" if place else "the URL is put together")
    return unsafe(
        "the URL may also be read by something that cannot be seen", ReplaceInString(node, url.scheme, "sqlite")
    )
