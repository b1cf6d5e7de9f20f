"""
# project-coroutine-not-awaited

## What it does
Finds the project's own coroutine functions and methods that reach the database through SQLAlchemy's asyncio extension
and that nobody awaits: `self.repo.save(user)` as a statement of its own, or used as if it were the result. The
function may stand in another file, in a base class, or behind an attribute whose class is known; and a parameter or
mapping annotated as `Callable[..., Awaitable[...]]` counts where it is called with a session or connection.

## Why is this bad?
Nothing happens: a coroutine runs only when it is awaited. What is discarded is not written, and no exception says so
(`RuntimeWarning: coroutine 'Repository.save' was never awaited`, when Python throws it away); what is used gives
`AttributeError: 'coroutine' object has no attribute 'name'`, or is always true.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    class ItemRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def add(self, sku: str) -> None:
            await self.session.execute(text("INSERT INTO items VALUES (:sku)"), {"sku": sku})
            await self.session.commit()


    class ItemService:
        def __init__(self, repository: ItemRepository) -> None:
            self.repository = repository

        async def order(self, sku: str) -> None:
            self.repository.add(sku)

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    class ItemRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def add(self, sku: str) -> None:
            await self.session.execute(text("INSERT INTO items VALUES (:sku)"), {"sku": sku})
            await self.session.commit()


    class ItemService:
        def __init__(self, repository: ItemRepository) -> None:
            self.repository = repository

        async def order(self, sku: str) -> None:
            await self.repository.add(sku)

## Fix safety
Safe in an `async def`. In a plain `def` there is no fix: the function, and all its callers, must become asynchronous.

## References
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [grillazz/fastapi-sqlalchemy-asyncpg#25](https://github.com/grillazz/fastapi-sqlalchemy-asyncpg/issues/25)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.rules.awaiting.awaits import add_await, advice, described
from flake8_async_sqla.rules.awaiting.iteration import loops_asynchronously
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import misused
from flake8_async_sqla.semantics.awaiting.misuse import Misuse
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.sessions import untyped_sessions
from flake8_async_sqla.semantics.sessions.constructed import implementation
from flake8_async_sqla.semantics.sessions.database_io import reaches_database
from flake8_async_sqla.semantics.types import Function, Instance, ProjectInstance


@rule(
    "ASQ311",
    symptom="RuntimeWarning: coroutine was never awaited",
    fixable="sometimes",
    types=(Function, Instance, ProjectInstance),
)
def project_coroutine_not_awaited(call: ast.Call | ast.Await, module: Module) -> Iterator[Diagnostic]:
    """Report coroutines of the project that reach the database and that nobody awaits."""
    found = misused(module, call)
    if found is None or found[0].starts or found[1].kind in ("late", "entered"):
        return
    source, how = found
    if not source.annotated and (source.function is None or not _reaches_database(module, call, source.function)):
        return
    place = ""
    if source.function is not None and (home := source.function.module) != module:
        place = f" ({home.relative_path}:{source.function.node.lineno})"
    yield Diagnostic(
        at=call,
        message=f"{source.name}{place} is a coroutine that reaches the database: {_what(how, call)}; "
        f"{_advice(module, call, source.function)}",
        fix=partial(_fix, module, call, how),
    )


def _reaches_database(module: Module, call: ast.expr, function: Function) -> bool:
    if (known := reaches_database(function)) or not isinstance(call, ast.Call):
        return known
    behind = implementation(module, call.func, function)
    return reaches_database(behind) or untyped_sessions.reaches_database(module, call, behind)


def _advice(module: Module, call: ast.expr, function: Function | None) -> str:
    if isinstance(call, ast.Await) and function is not None:
        return f"await it in '{function.node.name}'"
    return advice(module, call)


def _fix(module: Module, call: ast.expr, how: Misuse) -> Fix | Refusal:
    if isinstance(call, ast.Await):
        return Refusal("the function that returns a coroutine should await it")
    if loops_asynchronously(how.at):
        return Refusal("what the coroutine gives may want a plain 'for'")
    return add_await(module, call)


def _what(how: Misuse, call: ast.expr) -> str:
    if how.kind == "discarded":
        return "it is never awaited, nothing happens"
    if how.kind == "unread":
        return f"it is assigned to '{how.error}' and never awaited, nothing happens"
    return described(how, call) if how.kind != "returned" else "it is returned as a value"
