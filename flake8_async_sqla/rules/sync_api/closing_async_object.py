"""
# closing-async-object

## What it does
Finds `contextlib.closing()` around async sessions, connections, transactions and results, and `copy.copy()` or
`copy.deepcopy()` of async sessions and engines.

## Why is this bad?
`closing()` calls `close()` and throws the coroutine away: nothing is closed, and the connection stays out of the pool.
The only sign is `RuntimeWarning: coroutine 'AsyncSession.close' was never awaited`. A copy of a session shares the
`Session` inside with its original; `deepcopy()` raises `TypeError`.

## Example
    from contextlib import closing

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def ping() -> int:
        with closing(AsyncSession(engine)) as session:
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def ping() -> int:
        async with AsyncSession(engine) as session:
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Unsafe: the session is closed where it was not before. Only sessions in a `with` statement of their own, in a coroutine,
are repaired.

## References
- [Python: contextlib.aclosing](https://docs.python.org/3/library/contextlib.html#contextlib.aclosing)
- [SQLAlchemy: AsyncSession.close()](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.close)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, MakeAsync, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import class_name, expects_failure, in_coroutine
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SESSION, argument
from flake8_async_sqla.semantics.inference.classes import instance_attribute, is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, Instance, Member, ProjectInstance, Type

_COPIES = {
    "copy.copy": ((ASYNC_SESSION,), "the copy shares the Session inside with its original"),
    "copy.deepcopy": ((ASYNC_SESSION, ASYNC_ENGINE), "deepcopy() raises TypeError: cannot pickle 'module' object"),
}


@rule(
    "ASQ412",
    symptom="coroutine 'AsyncSession.close' was never awaited",
    fixable="sometimes",
    names=("closing", "copy", "deepcopy"),
)
def closing_async_object(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report async objects in the hands of functions that know synchronous ones."""
    path = callee(module, call)
    if path == "contextlib.closing":
        yield from _closed(call, module)
    elif path in _COPIES:
        yield from _copied(call, module, path)


def _closed(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    given = argument(call, "thing", 0)
    kind = module.type_of(given)
    if given is None or not _closes_asynchronously(kind):
        return
    session = is_a(kind, ASYNC_SESSION)
    advice = f"use 'async with {ast.unparse(given)}'" if session else "use 'async with', or contextlib.aclosing()"
    yield Diagnostic(
        at=call,
        message=f"closing() never awaits close() of an {class_name(kind)}, so that nothing is closed; {advice}",
        fix=partial(_fix, call, given, module, session),
    )


def _closes_asynchronously(kind: Type) -> bool:
    close: Type = UNKNOWN
    if isinstance(kind, Instance):
        close = Member(kind, kind.cls, "close")
    elif isinstance(kind, ProjectInstance):
        close = instance_attribute(kind, "close")
    known = fact(close.cls, close.name) if isinstance(close, Member) else None
    return known is not None and known.kind == "coroutine"


def _fix(call: ast.Call, given: ast.expr, module: Module, session: bool) -> Fix | Refusal:
    item = module.parent(call)
    statement = module.parent(item) if isinstance(item, ast.withitem) else None
    if not session or not isinstance(statement, ast.With) or len(statement.items) != 1:
        return Refusal("only a session in a with statement of its own can be entered instead")
    if not in_coroutine(module, statement):
        return Refusal("'async with' needs a coroutine around it")
    edits = (ReplaceExpression(call, Code("{session}", {"session": given})), MakeAsync(statement))
    return unsafe("the session is closed where it was not before", *edits)


def _copied(call: ast.Call, module: Module, path: str) -> Iterator[Diagnostic]:
    given = argument(call, "x", 0)
    kind = module.type_of(given)
    if is_a(kind, *_COPIES[path][0]) and not expects_failure(module, call, "TypeError"):
        yield Diagnostic(
            at=call,
            message=f"an {class_name(kind)} cannot be copied: {_COPIES[path][1]}; make another one",
        )
