"""
# coroutine-used-as-value

## What it does
Finds coroutines of sessions, connections, engines and results, and `awaitable_attrs`, that are used as if they were
the result: `session.execute(query).scalars()`, `for row in session.scalars(query)`, `if session.get(User, 1)`, also
through a name that is assigned in between, and given to functions that want the result. What somebody may still await
(`gather()`, tasks, a list, an argument of an unknown function, the result of a plain wrapper) is not reported.

## Why is this bad?
`AttributeError: 'coroutine' object has no attribute 'scalars'`, `TypeError: 'coroutine' object is not iterable`; or
worse, nothing at all: a coroutine is always true and equals nothing, so that `if session.get(User, 1)` finds every
user.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def names(session: AsyncSession) -> list[str]:
        result = session.execute(text("SELECT 'bolt'"))
        return list(result.scalars())

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def names(session: AsyncSession) -> list[str]:
        result = await session.execute(text("SELECT 'bolt'"))
        return list(result.scalars())

## Fix safety
Safe in an `async def`. In a plain `def`, or a generator expression, there is no fix.

## References
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [workfloworchestrator/orchestrator-core#1870](https://github.com/workfloworchestrator/orchestrator-core/pull/1870)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.awaiting.awaits import add_await, advice, described
from flake8_async_sqla.rules.awaiting.iteration import needs_other_loop
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import AWAITED, misused
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function, Member


@rule(
    "ASQ302",
    symptom="'coroutine' object has no attribute",
    fixable="sometimes",
    names=AWAITED,
    types=(Member, Function),
)
def coroutine_used_as_value(node: ast.Call | ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report SQLAlchemy's coroutines that are used as if they were awaited."""
    found = misused(module, node)
    if found is None or found[1].kind not in ("used", "looped", "returned"):
        return
    source, how = found
    if source.starts or source.annotated or source.function is not None or needs_other_loop(how, source.result):
        return
    what = f"is returned as a value by '{_function(module, node)}'" if how.kind == "returned" else described(how, node)
    yield Diagnostic(
        at=node,
        message=f"{source.name} is a coroutine: {what}; {advice(module, node)}",
        fix=partial(add_await, module, node),
    )


def _function(module: Module, node: ast.expr) -> str:
    function = module.function(node)
    return function.name if function is not None else ""
