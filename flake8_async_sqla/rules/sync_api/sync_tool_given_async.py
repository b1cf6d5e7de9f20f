"""
# sync-tool-given-async

## What it does
Finds synchronous libraries that are given an async engine, connection or session, or a URL with an async driver:
pandas `read_sql()` and `to_sql()`, polars `write_database()`, `database_exists()`, `create_database()` and
`drop_database()` of SQLAlchemy-Utils, APScheduler's `SQLAlchemyJobStore`, Alembic's `MigrationContext.configure()` and
the questions of a dialect, as `engine.dialect.has_table(connection, "users")`.

## Why is this bad?
They fail with `AttributeError: 'AsyncConnection' object has no attribute 'cursor'` or the like, and with a URL at the
first connection: `MissingGreenlet: greenlet_spawn has not been called`. Give them the synchronous connection that
`run_sync()` brings, or a URL with a synchronous driver.

## Example
    import pandas
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def numbers() -> pandas.DataFrame:
        async with engine.connect() as conn:
            return pandas.read_sql("SELECT 1 AS number", conn)

## Use instead
    import pandas
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def numbers() -> pandas.DataFrame:
        async with engine.connect() as conn:
            return await conn.run_sync(lambda sync_conn: pandas.read_sql("SELECT 1 AS number", sync_conn))

## Fix safety
Safe for functions that are given a connection in a coroutine: the program fails where the call stands. Refused
elsewhere.

## References
- [pandas: read_sql](https://pandas.pydata.org/docs/reference/api/pandas.read_sql.html)
- [pandas-dev/pandas#43408](https://github.com/pandas-dev/pandas/issues/43408)
- [SQLAlchemy-Utils: database helpers](https://sqlalchemy-utils.readthedocs.io/en/latest/database_helpers.html)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import (
    ASYNC_CONNECTION,
    class_name,
    expects_failure,
    in_coroutine,
    is_async_object,
)
from flake8_async_sqla.rules.sync_api.tools import TOOLS, async_url, slots
from flake8_async_sqla.rules.sync_api.writing import free_name, given
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module


@rule("ASQ407", symptom="'AsyncConnection' object has no attribute 'cursor'", fixable="sometimes", names=TOOLS)
def sync_tool_given_async(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report synchronous tools with async engines and URLs."""
    path, found = slots(module, call)
    name = path.rpartition(".")[2]
    for slot in found:
        value = argument(call, slot.name, slot.position)
        if value is None or expects_failure(module, call):
            continue
        kind = module.type_of(value)
        if is_async_object(kind):
            yield Diagnostic(
                at=value,
                message=f"{name}() is synchronous and fails with an {class_name(kind)}; "
                "call it with the connection that run_sync() gives a function",
                fix=partial(_fix, call, value, module),
            )
        elif (url := async_url(module, value)) is not None and (slot.sqlite or url.backend != "sqlite"):
            yield Diagnostic(
                at=value,
                message=f"{name}() is synchronous and cannot connect with '{url.driver}'{url.place(module)} "
                "(MissingGreenlet); give it a URL with a synchronous driver",
            )


def _fix(call: ast.Call, value: ast.expr, module: Module) -> Fix | Refusal:
    if not is_a(module.type_of(value), ASYNC_CONNECTION) or not in_coroutine(module, call):
        return Refusal("a connection in a coroutine is needed")
    if any(isinstance(inner, ast.Await) for inner in ast.walk(call)):
        return Refusal("a function cannot await the arguments")
    name = free_name(module, call, "sync_conn", "sync_connection")
    if not name:
        return Refusal("the names for the synchronous connection are taken")
    arguments, nodes = given(call, without=value, instead=name)
    nodes |= {"conn": value, "function": call.func}
    run = Code(f"await {{conn}}.run_sync(lambda {name}: {{function}}({', '.join(arguments)}))", nodes)
    return safe(ReplaceExpression(call, run))
