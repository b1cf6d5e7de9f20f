"""
# bare-begin

## What it does
Finds `session.begin()`, `session.begin_nested()`, `connection.begin()`, `connection.stream()`, `engine.begin()`,
`engine.connect()` and `factory.begin()` that are neither awaited nor entered: as a statement of their own, assigned
to a name that nobody awaits, or used as if they were started: `engine.connect().execute(query)`.

## Why is this bad?
Nothing at all happens: no transaction, no savepoint, no connection, and neither an exception nor a warning says so,
until somebody uses the object:
`AsyncContextNotStarted: AsyncConnection context has not been started and object has not been awaited.` Most type
checkers find nothing here.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def try_item(session: AsyncSession) -> None:
        session.begin_nested()
        await session.execute(text("INSERT INTO items VALUES ('bolt')"))
        await session.rollback()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def try_item(session: AsyncSession) -> None:
        await session.begin_nested()
        await session.execute(text("INSERT INTO items VALUES ('bolt')"))
        await session.rollback()

## Fix safety
Unsafe: `await` is added to `begin()` and `begin_nested()` of a session or connection, so that a transaction begins
where none began before. What an engine gives has to be entered with `async with`, which encloses the statements that
use it; there is no fix.

## References
- [SQLAlchemy: AsyncSession.begin](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.begin)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddAwait, Fix, Refusal, unsafe
from flake8_async_sqla.rules.awaiting.awaits import no_await
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import misused
from flake8_async_sqla.semantics.awaiting.misuse import Misuse
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Coroutine, Function, Instance, Member, Type

_STARTING = ("begin", "begin_nested")


@rule(
    "ASQ309",
    symptom="context has not been started and object has not been awaited",
    fixable="sometimes",
    types=(Member, Function),
)
def bare_begin(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report transactions and connections that are never started."""
    found = misused(module, call)
    if found is None or not found[0].starts or found[1].kind in ("entered", "looped"):
        return
    source, how = found
    if how.kind not in ("discarded", "unread") and not _needs_start(how.at, source.result):
        return
    yield Diagnostic(
        at=call,
        message=f"{source.name} does nothing until it is awaited or entered with 'async with'{_what(how)}",
        fix=partial(_await, module, call, how) if _begins(module, call) else None,
    )


def _needs_start(use: ast.AST, result: Type) -> bool:
    """Tell whether what is asked of an object fails when it is not started: of a result, which is not there, all."""
    if not isinstance(use, ast.Attribute) or not isinstance(result, Instance):
        return False
    known = fact(result.cls, use.attr)
    return known is not None and (known.kind in ("coroutine", "awaitable_cm") or result.cls.endswith("Result"))


def _begins(module: Module, call: ast.Call) -> bool:
    """Tell whether an await would begin a transaction; what an engine or factory gives must be entered."""
    named = isinstance(call.func, ast.Attribute) and call.func.attr in _STARTING
    return named and isinstance(module.type_of(call), Coroutine)


def _what(how: Misuse) -> str:
    if how.kind == "discarded":
        return "; here nothing happens"
    if how.kind == "unread":
        return f"; nobody uses '{how.error}'"
    return f" (AsyncContextNotStarted, line {getattr(how.at, 'lineno', '?')})"


def _await(module: Module, call: ast.Call, how: Misuse) -> Fix | Refusal:
    if how.kind != "discarded":
        return Refusal("it is used later")
    return no_await(module, call) or unsafe("a transaction begins here now", AddAwait(call))
