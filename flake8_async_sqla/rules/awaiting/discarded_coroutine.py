"""
# discarded-coroutine

## What it does
Finds coroutines of sessions, connections, engines, transactions and streamed results, and of Advanced Alchemy's
repositories and services, that nobody awaits: `session.commit()` as a statement of its own, or assigned to a name that
is never read; and `session.commit` without the call.

## Why is this bad?
Nothing happens: a coroutine runs only when it is awaited. `session.commit()` writes nothing, `session.refresh(user)`
loads nothing, and no exception says so. Python warns when it throws the coroutine away, at a place that may be far
from the call: `RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def add_item(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO items VALUES ('bolt')"))
        session.commit()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def add_item(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO items VALUES ('bolt')"))
        await session.commit()

## Fix safety
Safe in an `async def`, where a call is there. In a plain `def` there is no fix: the function, and all its callers,
must become asynchronous.

## References
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.awaiting.awaits import add_await, advice
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import AWAITED, class_name, kinds, misused
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function, Member


@rule(
    "ASQ301",
    symptom="RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
    fixable="sometimes",
    names=AWAITED,
    types=(Member, Function),
)
def discarded_coroutine(node: ast.Call | ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report SQLAlchemy's coroutines that are thrown away."""
    if isinstance(node, ast.Attribute) and isinstance(module.parent(node), ast.Expr):
        yield from _not_called(node, module)
    found = misused(module, node)
    if found is None or found[1].kind not in ("discarded", "unread"):
        return
    source, how = found
    if source.starts or source.annotated or source.function is not None:
        return
    what = f"is assigned to '{how.error}', which nobody awaits" if how.kind == "unread" else "is never awaited"
    yield Diagnostic(
        at=node,
        message=f"the coroutine {source.name} {what}: nothing happens "
        f"(RuntimeWarning: coroutine was never awaited); {advice(module, node)}",
        fix=partial(add_await, module, node),
    )


def _not_called(node: ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    method = module.type_of(node)
    if isinstance(method, Member) and kinds(module, method) == {"coroutine"}:
        yield Diagnostic(
            at=node,
            message=f"{class_name(method)}.{method.name} is not called: nothing happens; call it, and await it",
        )
