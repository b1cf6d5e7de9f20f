"""
# for-for-async-for

## What it does
Finds loops and comprehensions of the wrong kind over results: `async for` over the buffered result of `execute()`,
`scalars()` or a list of rows; `for` over a result that `stream()` gives; `async for` over `session.stream()` where
the await is missing. An asynchronous generator of the project that reads from the database counts as a streamed result.

## Why is this bad?
`TypeError: 'async for' requires an object with __aiter__ method, got ScalarResult` (or `coroutine`), or
`TypeError: 'AsyncResult' object is not iterable`. Only streamed results are iterated asynchronously, and
`session.stream()` is a coroutine that gives one.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def export(session: AsyncSession) -> None:
        async for row in session.stream(text("SELECT 'bolt'")):
            print(row)

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def export(session: AsyncSession) -> None:
        async for row in await session.stream(text("SELECT 'bolt'")):
            print(row)

## Fix safety
Safe: the loop becomes the other one, or the missing await is added; the program cannot run as it is.

## References
- [SQLAlchemy: AsyncSession.stream](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.stream)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddAwait, Edit, Fix, MakeAsync, MakeSync, Refusal, safe
from flake8_async_sqla.rules.awaiting.awaits import no_await
from flake8_async_sqla.rules.awaiting.iteration import (
    from_result,
    is_streamed,
    loops_asynchronously,
    needs_other_loop,
    only_async,
    only_sync,
)
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import AWAITED, Source, misused
from flake8_async_sqla.semantics.awaiting.misuse import Misuse
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Member

Loop = ast.For | ast.AsyncFor | ast.comprehension
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@rule(
    "ASQ308",
    symptom="'async for' requires an object with __aiter__ method",
    fixable="sometimes",
    names=AWAITED,
    types=(Member,),
)
def for_for_async_for(
    node: ast.For | ast.AsyncFor | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Call,
    module: Module,
) -> Iterator[Diagnostic]:
    """Report loops over results that want the other kind of loop, or an await."""
    if isinstance(node, ast.Call):
        found = misused(module, node)
        if found is not None and found[0].function is None and needs_other_loop(found[1], found[0].result):
            yield _not_awaited(node, module, *found)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield from _looped(node, module)
    else:
        for loop in node.generators:
            yield from _looped(loop, module)


def _not_awaited(call: ast.Call, module: Module, source: Source, how: Misuse) -> Diagnostic:
    wants_async = is_streamed(source.result)
    is_async = loops_asynchronously(how.at)
    right = "'async for'" if wants_async else "'for'"
    also = "" if wants_async == is_async else f", and loop with {right}"
    return Diagnostic(
        at=call,
        message=f"{source.name} is not awaited ({how.error}); await it{also}",
        fix=partial(_await_and_turn, module, call, how.at, is_async, wants_async),
    )


def _await_and_turn(module: Module, call: ast.Call, loop: ast.AST, is_async: bool, wants: bool) -> Fix | Refusal:
    if (refused := no_await(module, call)) is not None:
        return refused
    edits: list[Edit] = [AddAwait(call)]
    if is_async != wants:
        turned = _turn(module, loop)
        if isinstance(turned, Refusal):
            return turned
        edits.append(turned)
    return safe(*edits)


def _looped(loop: Loop, module: Module) -> Iterator[Diagnostic]:
    kind = module.type_of(loop.iter)
    if not from_result(module, loop.iter, kind):
        return
    what = ast.unparse(loop.iter)
    if loops_asynchronously(loop):
        if only_sync(module, loop.iter, kind):
            yield Diagnostic(
                at=loop.iter,
                message=f"{what} holds its rows already (TypeError: 'async for' requires an object with __aiter__ "
                "method); loop with 'for'",
                fix=partial(_turned, module, loop),
            )
    elif only_async(kind):
        yield Diagnostic(
            at=loop.iter,
            message=f"{what} streams its rows (TypeError: object is not iterable); loop with 'async for'",
            fix=partial(_turned, module, loop),
        )


def _turned(module: Module, loop: Loop) -> Fix | Refusal:
    turned = _turn(module, loop)
    return turned if isinstance(turned, Refusal) else safe(turned)


def _turn(module: Module, loop: ast.AST) -> MakeAsync | MakeSync | Refusal:
    if isinstance(loop, ast.AsyncFor) or (isinstance(loop, ast.comprehension) and loop.is_async):
        return MakeSync(loop)
    assert isinstance(loop, (ast.For, ast.comprehension))
    if (refused := no_await(module, loop)) is not None:
        return refused
    if isinstance(loop, ast.comprehension) and isinstance(module.parent(loop), ast.GeneratorExp):
        return Refusal("the generator expression would become asynchronous")
    return MakeAsync(loop)
