"""
# server-side-cursor-with-execute

## What it does
Finds `execute()`, `scalars()` and `scalar()` of async sessions and connections where `yield_per` or `stream_results`
asks for a server-side cursor: on the statement, in the call, on the connection, or on the engine.

## Why is this bad?
`AsyncMethodRequired: Can't use the AsyncSession.execute() method with a server-side cursor. Use the
AsyncSession.stream() method for an async streaming result set`. These methods give results that are buffered.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def numbers(session: AsyncSession) -> list[int]:
        statement = text("SELECT 1").execution_options(yield_per=100)
        result = await session.execute(statement)
        return [number for (number,) in result]

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def numbers(session: AsyncSession) -> list[int]:
        statement = text("SELECT 1").execution_options(yield_per=100)
        result = await session.stream(statement)
        return [number async for (number,) in result]

## Fix safety
Not offered: all that reads the result has to become asynchronous too, or the option has to go.

## References
- [SQLAlchemy: AsyncSession.stream()](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.stream)
- [sqlalchemy/sqlalchemy#8223](https://github.com/sqlalchemy/sqlalchemy/discussions/8223)
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import ASYNC_CONNECTION, SESSION_LIKE, expects_failure
from flake8_async_sqla.rules.sync_api.streaming import of_call, of_connection, of_engine, of_statement
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import MemberCall

_OF_SESSION = frozenset({"execute", "scalars", "exec"})
_OF_CONNECTION = frozenset({"execute", "scalars", "scalar", "exec_driver_sql"})


@rule("ASQ409", symptom="Can't use the AsyncSession.execute() method with a server-side cursor")
def server_side_cursor_with_execute(subject: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report buffered results of statements that ask for a server-side cursor."""
    on_connection = is_a(subject.receiver, ASYNC_CONNECTION)
    if subject.name not in (_OF_CONNECTION if on_connection else _OF_SESSION):
        return
    if not on_connection and not is_a(subject.receiver, *SESSION_LIKE):
        return
    option = _option(subject, module, on_connection)
    if option and not expects_failure(module, subject.call, "AsyncMethodRequired"):
        method = "stream_scalars" if subject.name in ("scalars", "scalar") else "stream"
        yield Diagnostic(
            at=subject.call.func,
            message=f"'{option}' asks for a server-side cursor, which {subject.name}() refuses (AsyncMethodRequired); "
            f"use {method}() and read its result asynchronously",
        )


def _option(subject: MemberCall, module: Module, on_connection: bool) -> str | None:
    """Name the option that is on; the nearest place that says something counts."""
    call = subject.call
    for found in (of_call(module, call), of_statement(module, argument(call, "statement", 0))):
        if found is not None:
            return found
    found = of_connection(module, call) if on_connection else None
    return found if found is not None else of_engine(subject.receiver)
