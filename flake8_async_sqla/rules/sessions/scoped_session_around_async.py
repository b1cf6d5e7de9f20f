"""
# scoped-session-around-async

## What it does
Finds the synchronous `scoped_session()` around a factory of async sessions.

## Why is this bad?
By default the registry keeps one session per *thread*, so that all tasks of the event loop share it; and its `remove()` never closes the session:
`RuntimeWarning: coroutine 'AsyncSession.close' was never awaited`. SQLAlchemy 2.1 warns that this will raise an error.

## Example
    import asyncio

    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import scoped_session

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    sessions = scoped_session(async_sessionmaker(engine), scopefunc=asyncio.current_task)


    async def clean_up() -> None:
        sessions.remove()

## Use instead
    import asyncio

    from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    sessions = async_scoped_session(async_sessionmaker(engine), scopefunc=asyncio.current_task)


    async def clean_up() -> None:
        await sessions.remove()

## Fix safety
Unsafe: `scopefunc=asyncio.current_task` is added where no scope is given, and `remove()` is awaited. Refused where `remove()` is called outside of a
coroutine, or another file uses the registry.

## References
- [SQLAlchemy: using asyncio scoped session](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncio-scoped-session)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddAwait, AddKeyword, Code, Edit, Fix, Refusal, ReplaceName, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import uses
from flake8_async_sqla.semantics.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION, SCOPED_SESSION, argument
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.importers import importers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import RegistryCall
from flake8_async_sqla.semantics.types import Instance


@rule("ASQ213", symptom="coroutine 'AsyncSession.close' was never awaited", fixable="sometimes")
def scoped_session_around_async(registry: RegistryCall, module: Module) -> Iterator[Diagnostic]:
    """Report sync registries of async sessions."""
    kind = module.type_of(registry.call)
    if registry.path == SCOPED_SESSION and isinstance(kind, Instance) and kind.args and is_a(kind.args[0], ASYNC_SESSION):
        yield Diagnostic(
            at=registry.call,
            message="scoped_session() never closes async sessions (coroutine 'AsyncSession.close' was never awaited) and shares "
            "them per thread; use async_scoped_session()",
            fix=partial(_fix, module, registry),
        )


def _fix(module: Module, registry: RegistryCall) -> Fix | Refusal:
    if importers(module):
        return Refusal("another file imports this module and may use the registry")
    call = registry.call
    edits: list[Edit] = [ReplaceName(call.func, ASYNC_SCOPED_SESSION)]
    if argument(call, "scopefunc", 1) is None:
        edits.append(AddKeyword(call, "scopefunc", Code("{task}", symbols={"task": "asyncio.current_task"})))
    for use in uses(module, call):
        member = module.parent(use)
        outer = module.parent(member) if isinstance(member, ast.Attribute) and member.attr == "remove" else None
        if not isinstance(outer, ast.Call) or isinstance(module.parent(outer), ast.Await):
            continue
        if not isinstance(module.function(outer), ast.AsyncFunctionDef):
            return Refusal(f"remove() is called outside of a coroutine, on line {outer.lineno}")
        edits.append(AddAwait(outer))
    return unsafe("each task gets a session of its own", *edits)
