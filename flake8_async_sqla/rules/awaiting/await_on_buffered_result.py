"""
# await-on-buffered-result

## What it does
Finds `await` on the result of an awaited `execute()`, `scalars()` or `exec()`, or on its methods:
`await result.scalars().all()`. Results that `stream()` gives are awaited, and are not reported.

## Why is this bad?
`TypeError: object list can't be used in 'await' expression`; Python 3.14 says
`'list' object can't be awaited`. The awaited `execute()` has fetched all rows; its result
is the same class as that of a synchronous session.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def names(session: AsyncSession) -> list[str]:
        result = await session.execute(text("SELECT 'bolt'"))
        return await result.scalars().all()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def names(session: AsyncSession) -> list[str]:
        result = await session.execute(text("SELECT 'bolt'"))
        return result.scalars().all()

## Fix safety
Safe: the await is removed; the program cannot run as it is.

## References
- [SQLAlchemy: AsyncSession.execute](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.execute)
- [sqlalchemy/sqlalchemy#10066](https://github.com/sqlalchemy/sqlalchemy/discussions/10066)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, RemoveAwait, safe
from flake8_async_sqla.rules.awaiting.iteration import RESULTS
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, Instance, Member


@rule("ASQ305", symptom="object list can't be used in 'await' expression", fixable="always")
def await_on_buffered_result(node: ast.Await, module: Module) -> Iterator[Diagnostic]:
    """Report awaits of results whose rows are there already."""
    what = _method(module, node.value) or _result(module, node.value)
    if what:
        yield Diagnostic(
            at=node,
            message=f"{what} (TypeError: object can't be used in 'await' expression): an awaited execute() has fetched "
            "its rows; remove the await",
            fix=partial(_fix, node),
        )


def _method(module: Module, value: ast.expr) -> str:
    callee = module.type_of(value.func) if isinstance(value, ast.Call) else UNKNOWN
    if not isinstance(callee, Member) or not is_a(callee.receiver, *RESULTS):
        return ""
    known = fact(callee.cls, callee.name)
    if known is None or known.kind != "sync":
        return ""
    return f"{callee.cls.rpartition('.')[2]}.{callee.name}() is not a coroutine"


def _result(module: Module, value: ast.expr) -> str:
    kind = module.type_of(value)
    if not isinstance(kind, Instance) or not is_a(kind, *RESULTS) or _of_sync_object(module, value):
        return ""
    return f"'{ast.unparse(value)}' is a buffered {kind.cls.rpartition('.')[2]}, not a coroutine"


def _of_sync_object(module: Module, value: ast.expr) -> bool:
    """Tell whether a sync session or connection gives the result: it is the object that is wrong, or its annotation."""
    callee = module.type_of(value.func) if isinstance(value, ast.Call) else UNKNOWN
    return isinstance(callee, Member) and not is_a(callee.receiver, *RESULTS)


def _fix(node: ast.Await) -> Fix:
    return safe(RemoveAwait(node))
