"""
# factory-on-wrong-engine

## What it does
Finds session factories and sessions whose engine is of the other kind: `sessionmaker()` or `Session()` on an async engine, `async_sessionmaker()` or
`AsyncSession()` on a sync engine, on `engine.sync_engine`, or on a URL string; and `async_sessionmaker(engine, AsyncSession)`.

## Why is this bad?
A sync session on an async engine fails at its first query (`AsyncContextNotStarted`), and `async with` on it raises `TypeError: 'Session' object does
not support the asynchronous context manager protocol`. An async session on a sync engine raises `ArgumentError: AsyncEngine expected, got
Engine(...)`. `async_sessionmaker()` takes one positional argument only: `TypeError`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.orm import sessionmaker

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = sessionmaker(engine, expire_on_commit=False)


    async def ping() -> None:
        async with factory() as session:
            await session.execute(text("SELECT 1"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def ping() -> None:
        async with factory() as session:
            await session.execute(text("SELECT 1"))

## Fix safety
Safe where the factory's sessions are used with `async with` or `await` already, where `.sync_engine` is dropped, and where a positional session class
becomes `class_=`. Unsafe where the uses cannot be seen. A sync engine under an async session is left to you: the engine is what is wrong.

## References
- [SQLAlchemy: asyncio extension, ORM](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#synopsis-orm)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Fix, Refusal, RemoveArgument, ReplaceExpression, ReplaceName, safe, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import used_asynchronously
from flake8_async_sqla.semantics.calls import ASYNC_ENGINE, ASYNC_SESSION, ASYNC_SESSIONMAKER, ENGINE, SESSION, argument
from flake8_async_sqla.semantics.classes import is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import FactoryCall, SessionCall
from flake8_async_sqla.semantics.types import External


@rule("ASQ203", symptom="AsyncEngine expected, got Engine", fixable="sometimes")
def factory_on_wrong_engine(subject: FactoryCall | SessionCall, module: Module) -> Iterator[Diagnostic]:
    """Report sessions and factories that are bound to an engine of the other kind."""
    if isinstance(subject, SessionCall) and not subject.direct:
        return
    call = subject.call
    made = subject.product if isinstance(subject, FactoryCall) else subject.made
    if isinstance(subject, FactoryCall) and subject.is_async:
        yield from _positional_class(module, subject)
        chosen = argument(call, "class_")
        if chosen is not None and is_class(module.type_of(chosen), SESSION):
            yield Diagnostic(chosen, "async_sessionmaker() makes async sessions (AsyncContextNotStarted at the first query); remove 'class_'")
            return
    bind = argument(call, "bind", 0)
    if bind is None:
        return
    kind = module.type_of(bind)
    if is_a(made, SESSION) and is_a(kind, ASYNC_ENGINE):
        yield Diagnostic(
            at=call,
            message="a sync session cannot use an async engine (AsyncContextNotStarted; 'async with' raises TypeError); use "
            + ("async_sessionmaker()" if isinstance(subject, FactoryCall) else "AsyncSession()"),
            fix=partial(_to_async, module, subject),
        )
    elif is_a(made, ASYNC_SESSION) and (is_a(kind, ENGINE) or is_a(kind, "builtins.str")):
        got = "Engine" if is_a(kind, ENGINE) else "a string"
        yield Diagnostic(
            at=bind,
            message=f"an async session needs an async engine (ArgumentError: AsyncEngine expected, got {got}); use create_async_engine()",
            fix=partial(_drop_sync_engine, module, bind),
        )


def _positional_class(module: Module, factory: FactoryCall) -> Iterator[Diagnostic]:
    if len(factory.call.args) == 2 and is_class(module.type_of(factory.call.args[1]), ASYNC_SESSION, SESSION):
        chosen = factory.call.args[1]
        edits = (
            RemoveArgument(factory.call, chosen),
            AddKeyword(factory.call, "class_", Code("{cls}", nodes={"cls": chosen})),
        )
        yield Diagnostic(
            at=chosen,
            message="async_sessionmaker() takes one positional argument (TypeError); give the session class as 'class_='",
            fix=partial(safe, *edits),
        )


def _to_async(module: Module, subject: FactoryCall | SessionCall) -> Fix | Refusal:
    call = subject.call
    if isinstance(subject, SessionCall):
        if module.type_of(call.func) != External(SESSION):
            return Refusal("the session class is the project's own")
        return unsafe("the code that uses the session must be asynchronous", ReplaceName(call.func, ASYNC_SESSION))
    if "1.4" in module.project.settings.targets:
        return Refusal("SQLAlchemy 1.4 has no async_sessionmaker; use sessionmaker(engine, class_=AsyncSession)")
    if argument(call, "class_", 1) is not None:
        return Refusal("the session class is the project's own")
    edit = ReplaceName(call.func, ASYNC_SESSIONMAKER)
    if used_asynchronously(module, call):
        return safe(edit)
    return unsafe("the code that uses the sessions must be asynchronous", edit)


def _drop_sync_engine(module: Module, bind: ast.expr) -> Fix | Refusal:
    if isinstance(bind, ast.Attribute) and bind.attr == "sync_engine":
        return safe(ReplaceExpression(bind, Code("{engine}", nodes={"engine": bind.value})))
    return Refusal("the engine itself must become async")
