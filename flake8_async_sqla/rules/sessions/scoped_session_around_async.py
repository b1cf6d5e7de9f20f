"""
# scoped-session-around-async

## What it does
Finds the synchronous `scoped_session()` around a factory of async sessions.

## Why is this bad?
By default the registry keeps one session per *thread*, so that all tasks of the event loop share it; and its
`remove()` never closes the session: `RuntimeWarning: coroutine 'AsyncSession.close' was never awaited`. SQLAlchemy
warns that this will raise an error in a future version.

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
Unsafe: `scopefunc=asyncio.current_task` is added where no scope or that of a thread is given, and `remove()` is
awaited. Refused where `remove()` is called outside of a coroutine, where the registry is handed to something else, or
where another file uses it.

## References
- [SQLAlchemy: using asyncio scoped session](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncio-scoped-session)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import (
    AddAwait,
    AddKeyword,
    Code,
    Edit,
    Fix,
    Refusal,
    ReplaceExpression,
    ReplaceName,
    unsafe,
)
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import THREAD_SCOPES, assigned_names, called_name, declared_as, hidden_arguments, uses
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION, SCOPED_SESSION, argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import RegistryCall
from flake8_async_sqla.semantics.types import UNKNOWN, External, Instance

_TASK = Code("{task}", symbols={"task": "asyncio.current_task"})
_SYNC_ONLY = frozenset({"query_property", "query"})


@rule("ASQ213", symptom="coroutine 'AsyncSession.close' was never awaited", fixable="sometimes")
def scoped_session_around_async(registry: RegistryCall, module: Module) -> Iterator[Diagnostic]:
    """Report sync registries of async sessions."""
    kind = module.type_of(registry.call)
    made = kind.args[0] if isinstance(kind, Instance) and kind.args else UNKNOWN
    if registry.path == SCOPED_SESSION and is_a(made, ASYNC_SESSION):
        yield Diagnostic(
            at=registry.call,
            message="scoped_session() never closes async sessions (coroutine 'AsyncSession.close' was never awaited) "
            "and shares them per thread; use async_scoped_session()",
            fix=partial(_fix, module, registry),
        )


def _fix(module: Module, registry: RegistryCall) -> Fix | Refusal:
    call = registry.call
    if module.type_of(call.func) != External(SCOPED_SESSION) or len(assigned_names(module, call)) != 1:
        return Refusal("who uses the registry cannot be seen")
    if hidden_arguments(call):
        return Refusal("its scope cannot be seen")
    if importers(module):
        return Refusal("another file imports this module and may use the registry")
    edits: list[Edit] = [ReplaceName(name, ASYNC_SCOPED_SESSION) for name in declared_as(module, call, SCOPED_SESSION)]
    edits.append(ReplaceName(called_name(call), ASYNC_SCOPED_SESSION))
    scope = argument(call, "scopefunc", 1)
    if scope is None:
        edits.append(AddKeyword(call, "scopefunc", _TASK))
    elif isinstance(scope, ast.Constant) or module.type_of(scope) in THREAD_SCOPES:
        edits.append(ReplaceExpression(scope, _TASK))
    for use in uses(module, call):
        change = _adapt(module, use)
        if isinstance(change, Refusal):
            return change
        edits.extend(change)
    return unsafe("each task gets a session of its own", *edits)


def _adapt(module: Module, use: ast.Name) -> list[Edit] | Refusal:
    """Adapt one use of the registry: ``remove()`` becomes a coroutine, everything else that can be seen stays."""
    member = module.parent(use)
    if isinstance(member, ast.Call) and member.func is use:
        return []
    if not isinstance(member, ast.Attribute) or member.attr in _SYNC_ONLY:
        return Refusal(f"what becomes of the registry on line {use.lineno} cannot be seen")
    if member.attr != "remove":
        return []
    outer = module.parent(member)
    if not isinstance(outer, ast.Call) or outer.func is not member:
        return Refusal(f"remove() is handed over on line {use.lineno}")
    if not isinstance(module.function(outer), ast.AsyncFunctionDef):
        return Refusal(f"remove() is called outside of a coroutine, on line {outer.lineno}")
    return [] if isinstance(module.parent(outer), ast.Await) else [AddAwait(outer)]
