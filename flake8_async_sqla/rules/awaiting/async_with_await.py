"""
# async-with-await

## What it does
Finds `async with await engine.connect() as connection`, `async with await session.begin()`, and the same through a
name: what is awaited is started already, and `async with` starts it again.

## Why is this bad?
`InvalidRequestError: connection is already started`, or of a session
`A transaction is already begun on this Session.` `async with await engine.begin()` fails as well:
`TypeError: object _AsyncGeneratorContextManager can't be used in 'await' expression`. Type checkers find nothing
here.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine


    async def ping(engine: AsyncEngine) -> None:
        async with await engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine


    async def ping(engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

## Fix safety
Safe: the await is removed; the program cannot run as it is.

## References
- [SQLAlchemy: AsyncEngine.connect](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncEngine.connect)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, RemoveAwait, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import class_name, kinds
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, Member

_STREAMS = frozenset({"stream", "stream_scalars"})


@rule("ASQ307", symptom="connection is already started", fixable="sometimes")
def async_with_await(statement: ast.AsyncWith, module: Module) -> Iterator[Diagnostic]:
    """Report what is awaited and then entered."""
    for item in statement.items:
        entered = item.context_expr
        started = _awaited(module, entered)
        callee = _starts(module, started) if started is not None else None
        if callee is None:
            continue
        assert started is not None
        yield Diagnostic(
            at=entered,
            message=f"'await' starts what {class_name(callee)}.{callee.name}() gives, and 'async with' starts it again "
            f"({_error(module, callee)}); remove the await",
            fix=partial(_fix, entered, started),
        )


def _awaited(module: Module, entered: ast.expr) -> ast.Await | None:
    """Return the await that gives what is entered, directly or through a local name."""
    if isinstance(entered, ast.Await):
        return entered
    if not isinstance(entered, ast.Name):
        return None
    scope = module.scope_of(entered)
    found = scope.lookup(entered.id)
    if found is None or found[0] is not scope:
        return None
    bindings = reaching(module, found[1], entered)
    value = bindings[0].value if len(bindings) == 1 and not bindings[0].unpack else None
    return value if isinstance(value, ast.Await) and bindings[0].kind in ("value", "annotation") else None


def _starts(module: Module, started: ast.Await) -> Member | None:
    callee = module.type_of(started.value.func) if isinstance(started.value, ast.Call) else UNKNOWN
    if not isinstance(callee, Member) or callee.name in _STREAMS:
        return None
    found = kinds(module, callee)
    return callee if found and found <= {"awaitable_cm", "async_cm"} else None


def _error(module: Module, callee: Member) -> str:
    if kinds(module, callee) == {"async_cm"}:
        return "TypeError: object can't be used in 'await' expression"
    if callee.name == "connect":
        return "InvalidRequestError: connection is already started"
    return "InvalidRequestError: a transaction is already begun"


def _fix(entered: ast.expr, started: ast.Await) -> Fix | Refusal:
    if entered is not started:
        return Refusal("it is awaited in another statement")
    return safe(RemoveAwait(started))
