"""
# event-on-async-object

## What it does
Finds listeners that are registered for an async engine, connection or session, for their classes, or for an
`async_sessionmaker`.

## Why is this bad?
`NotImplementedError: asynchronous events are not implemented at this time. Apply synchronous listeners to the
AsyncEngine.sync_engine or AsyncConnection.sync_connection attributes`, or for session classes and factories
`InvalidRequestError: No such event 'before_flush' for target`. Events belong to the synchronous objects inside.

## Example
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    @event.listens_for(engine, "connect")
    def enforce_foreign_keys(dbapi_connection, connection_record):
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

## Use instead
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    @event.listens_for(engine.sync_engine, "connect")
    def enforce_foreign_keys(dbapi_connection, connection_record):
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

## Fix safety
Safe for instances: `sync_engine`, `sync_connection` or `sync_session` is added. Unsafe for classes and factories: the
listener is registered for the synchronous class, and so for all its instances.

## References
- [SQLAlchemy: using events with the asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-events-with-the-asyncio-extension)
- [sqlalchemy/sqlalchemy#5905](https://github.com/sqlalchemy/sqlalchemy/issues/5905)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, ReplaceExpression, safe, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.events import event_target, sync_attribute, sync_class
from flake8_async_sqla.rules.sync_api.objects import expects_failure
from flake8_async_sqla.semantics.module import Module


@rule(
    "ASQ404",
    symptom="asynchronous events are not implemented at this time",
    fixable="always",
    names=("listen", "listens_for", "remove", "contains"),
)
def event_on_async_object(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report listeners for async objects."""
    target = event_target(module, call)
    if target is None or expects_failure(module, call, "NotImplementedError", "InvalidRequestError"):
        return
    kind = module.type_of(target)
    if attribute := sync_attribute(kind):
        yield Diagnostic(
            at=target,
            message="events of async objects are not implemented (NotImplementedError); "
            f"use {ast.unparse(target)}.{attribute}",
            fix=partial(_add_attribute, target, attribute),
        )
    elif symbol := sync_class(kind):
        name = symbol.rpartition(".")[2]
        more = ", or to the class given as sync_session_class" if name == "Session" else ""
        yield Diagnostic(
            at=target,
            message=f"{ast.unparse(target)} has no events, so that this fails; listen to {name}{more}",
            fix=partial(_use_class, target, symbol),
        )


def _add_attribute(target: ast.expr, attribute: str) -> Fix:
    return safe(ReplaceExpression(target, Code(f"{{target}}.{attribute}", {"target": target})))


def _use_class(target: ast.expr, symbol: str) -> Fix:
    reason = f"the listener hears every {symbol.rpartition('.')[2]} of the process"
    return unsafe(reason, ReplaceExpression(target, Code("{cls}", symbols={"cls": symbol})))
