"""
# sync-driver-in-async-url

## What it does
Finds a database URL with a synchronous driver that is given to `create_async_engine()` or
`AsyncEngine(create_engine())`: in a literal, an f-string, a constant, `URL.create()`, `PostgresDsn.build()`, the
default of `os.environ.get()`, a settings class, or in another file; also in Advanced Alchemy's
`SQLAlchemyAsyncConfig(connection_string=...)`.

## Why is this bad?
The engine refuses to be made: `InvalidRequestError: The asyncio extension requires an async driver to be used. The
loaded 'psycopg2' is not async.` A URL without a driver means the default one: `postgresql://` is psycopg2 up to
SQLAlchemy 2.0, and psycopg, which serves both, from 2.1.

## Example
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite:///app.db")

## Use instead
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")

## Fix safety
Safe where the URL is written in the call: the program cannot run as it is. Unsafe where the URL goes through a name,
or where arguments of the old driver are translated for the new one (`sslmode` becomes asyncpg's `ssl`). Refused where
the URL is written in another file, is used elsewhere too, or has an argument that the new driver does not know.

## Options
- `--async-sqla-target`: which default drivers count.
- `--async-sqla-drivers`: the driver to write, as `postgresql=psycopg`.

## References
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [SQLAlchemy 2.1: default PostgreSQL driver](https://docs.sqlalchemy.org/en/21/changelog/migration_21.html)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Edit, Fix, Refusal
from flake8_async_sqla.rules.drivers import change_scheme, driver_name, replacement, sync_in
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl, urls
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.module import Module


@rule("ASQ102", symptom="The asyncio extension requires an async driver to be used", fixable="sometimes")
def sync_driver_in_async_url(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report the URL of an async engine whose driver is synchronous."""
    if not engine.is_async or engine.url is None:
        return
    found = urls(module, engine.url)
    refused = [sync_in(url, module.project.settings.targets) for url in found]
    if not found or not all(refused):
        return
    url, version = found[0], refused[0][0]
    name = driver_name(url, version)
    what = f"'{name}' is a sync driver"
    if not url.driver:
        what = f"'{url.scheme}://' selects '{name}', a sync driver, on SQLAlchemy {version}"
    scheme = replacement(url, module)
    advice = f"use '{scheme}'" if scheme else f"no async driver for {url.backend} is known"
    yield Diagnostic(
        at=engine.url,
        message=f"{what}{url.place(module)}: {engine.name}() raises InvalidRequestError; {advice}",
        fix=partial(_fix, module, engine, found) if scheme else None,
    )


def _fix(module: Module, engine: EngineCall, found: list[DatabaseUrl]) -> Fix | Refusal:
    edits: list[Edit] = []
    result = Fix(())
    for url in found:
        scheme = replacement(url, module)
        changed = (
            change_scheme(module, engine, url, scheme) if scheme else Refusal(f"{url.backend} has no async driver")
        )
        if isinstance(changed, Refusal):
            return changed
        edits.extend(changed.edits)
        result = changed if result.safety == "safe" else result
    return replace(result, edits=tuple(dict.fromkeys(edits)))
