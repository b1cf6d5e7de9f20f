"""
# await-binds-too-late

## What it does
Finds `await session.execute(query).scalars()`: the await belongs to the whole chain, not to the coroutine that
`execute()` gives.

## Why is this bad?
`AttributeError: 'coroutine' object has no attribute 'scalars'`. The attribute is asked for before anything is
awaited.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def names(session: AsyncSession) -> list[str]:
        result = await session.execute(text("SELECT 'bolt'")).scalars()
        return list(result)

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def names(session: AsyncSession) -> list[str]:
        result = (await session.execute(text("SELECT 'bolt'"))).scalars()
        return list(result)

## Fix safety
Safe: the await moves into parentheses. The outer one stays where the end of the chain is a coroutine too, as for
streamed results; where the end of the chain is not known, the fix is unsafe.

## References
- [sqlalchemy/sqlalchemy#6990](https://github.com/sqlalchemy/sqlalchemy/discussions/6990)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddAwait, Fix, Refusal, RemoveAwait, safe, unsafe
from flake8_async_sqla.rules.awaiting.awaits import described
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import AWAITED, Source, misused
from flake8_async_sqla.semantics.awaiting.misuse import top_of
from flake8_async_sqla.semantics.inference.infer import attribute_type
from flake8_async_sqla.semantics.inference.members import fact, member_call
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.sessions.database_io import reaches_database
from flake8_async_sqla.semantics.types import UNKNOWN, Coroutine, Function, Instance, Member, ProjectInstance, Type


@rule(
    "ASQ303",
    symptom="'coroutine' object has no attribute 'scalars'",
    fixable="sometimes",
    names=AWAITED,
    types=(Member, Function),
)
def await_binds_too_late(node: ast.Call | ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report awaits that take a chain for the coroutine at its start."""
    found = misused(module, node)
    if found is None or found[1].kind != "late" or found[0].starts:
        return
    source, how = found
    if not isinstance(how.at, ast.Attribute) or how.at.value is not node:
        return
    if source.function is not None and not reaches_database(source.function):
        return
    yield Diagnostic(
        at=node,
        message=f"the await binds to the whole chain, {source.name} is not awaited ({described(how, node)}); "
        "put parentheses around the await and the coroutine",
        fix=partial(_move, module, node, source),
    )


def _move(module: Module, node: ast.expr, source: Source) -> Fix | Refusal:
    top = top_of(module, node)
    outer = module.parent(top)
    assert isinstance(outer, ast.Await)
    end = _end(module, node, source.result, top)
    if end is True:
        return safe(AddAwait(node))
    if end is False:
        return safe(AddAwait(node), RemoveAwait(outer))
    return unsafe("what the end of the chain gives is not known", AddAwait(node), RemoveAwait(outer))


def _end(module: Module, node: ast.expr, kind: Type, top: ast.expr) -> bool | None:
    """Tell whether the end of a chain is a coroutine, when its start has a type; ``None`` if unknown."""
    awaitable: bool | None = None
    while node is not top:
        outer = module.parent(node)
        if isinstance(outer, ast.Attribute):
            kind, awaitable = attribute_type(module, kind, outer.attr), None
        elif isinstance(outer, ast.Call) and isinstance(kind, Member) and fact(kind.cls, kind.name) is not None:
            kind = member_call(kind)
            awaitable = isinstance(kind, Coroutine)
        else:
            kind, awaitable = UNKNOWN, None
        assert isinstance(outer, ast.expr)
        node = outer
    if awaitable is None and isinstance(kind, (Instance, ProjectInstance)):
        return None
    return awaitable
