"""
# driver-argument-refused

## What it does
Finds arguments in the query string of a database URL, or in `connect_args`, that the URL's async driver does not
take: `?sslmode=require` for asyncpg, `check_same_thread` for PostgreSQL, and asyncpg's numbers (`?timeout=5`), which
a query string can only give as text.

## Why is this bad?
No connection can be made: `TypeError: connect() got an unexpected keyword argument 'sslmode'`. A URL that worked with
psycopg2, and those that hosting platforms hand out, hold such arguments.

## Example
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://app:app@localhost/app?sslmode=disable")

## Use instead
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://app:app@localhost/app?ssl=disable")

## Fix safety
Safe where the argument has another name with the same meaning, or belongs into `connect_args` instead, and the URL is
written in the call. Unsafe where the URL goes through a name. Arguments without a counterpart (`options`,
`channel_binding`) are left to you.

## References
- [SQLAlchemy:
  asyncpg](https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#module-sqlalchemy.dialects.postgresql.asyncpg)
- [asyncpg: connect()](https://magicstack.github.io/asyncpg/current/api/index.html#asyncpg.connection.connect)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.facts.dialects import driver
from flake8_async_sqla.facts.driver_arguments import CONNECT_ARGUMENTS, refused
from flake8_async_sqla.rules.drivers import driver_name
from flake8_async_sqla.rules.engine.arguments import connect_args, fix_in_mapping, fix_in_query
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.text import HOLE
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl, urls
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.module import Module

_ELSEWHERE = frozenset({"plugin", "async_fallback"})
_OWN_CONNECTION = ("creator", "async_creator", "pool")
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


@rule("ASQ109", symptom="connect() got an unexpected keyword argument 'sslmode'", fixable="sometimes")
def driver_argument_refused(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report arguments that the driver of an async engine does not take."""
    if not engine.is_async or any(engine.keyword(name) is not None for name in _OWN_CONNECTION):
        return
    found = urls(module, engine.url)
    drivers = {_driver(url, module) for url in found}
    name = drivers.pop() if len(drivers) == 1 else ""
    if name not in CONNECT_ARGUMENTS or engine.url is None:
        return
    for argument, value in found[0].query.items():
        if why := _why_in_query(name, argument, value):
            yield Diagnostic(
                at=engine.url,
                message=f"{why}{found[0].place(module)}; no connection can be made",
                fix=partial(fix_in_query, module, engine, found[0], name, argument),
            )
    for key, argument in connect_args(module, engine):
        if refused(name, argument, in_query=False):
            yield Diagnostic(
                at=key,
                message=f"{name} has no argument '{argument}'; no connection can be made",
                fix=partial(fix_in_mapping, engine, key, name, argument),
            )


def _driver(url: DatabaseUrl, module: Module) -> str:
    """Return the async driver of a URL; an empty string if there is none in one of the series."""
    targets = module.project.settings.targets
    names = {driver_name(url, version) for version in targets}
    known = [driver(url.scheme, version) for version in targets]
    shipped = all(found is not None and found.dialect and (found.is_async or found.dual) for found in known)
    return names.pop() if len(names) == 1 and shipped else ""


def _why_in_query(driver: str, name: str, value: str) -> str:
    if name in _ELSEWHERE:
        return ""
    if driver == "asyncpg" and name == "ssl" and HOLE not in value and value not in _SSL_MODES:
        return f"asyncpg takes no 'ssl={value}', but one of {', '.join(_SSL_MODES)}"
    if not refused(driver, name):
        return ""
    if refused(driver, name, in_query=False):
        return f"{driver} has no argument '{name}'"
    return f"{driver} takes '{name}' in connect_args only: in a URL it is text"
