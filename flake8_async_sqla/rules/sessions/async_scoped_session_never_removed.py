"""
# async-scoped-session-never-removed

## What it does
Finds an `async_scoped_session()` registry whose `remove()` is called nowhere in the project, though sessions are taken out of it.

## Why is this bad?
The registry keeps the session of every task that used it. Without `await registry.remove()` at the end of a task, the sessions of finished tasks stay
referenced with their connections: the pool runs dry, and memory grows.

## Example
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    sessions = async_scoped_session(async_sessionmaker(engine), scopefunc=asyncio.current_task)


    async def count_users() -> int:
        return (await sessions.execute(text("SELECT count(*) FROM users"))).scalar_one()

## Use instead
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    sessions = async_scoped_session(async_sessionmaker(engine), scopefunc=asyncio.current_task)


    async def count_users() -> int:
        try:
            return (await sessions.execute(text("SELECT count(*) FROM users"))).scalar_one()
        finally:
            await sessions.remove()

## Fix safety
There is no fix: where a unit of work ends is the project's decision, often a middleware's.

## References
- [SQLAlchemy: using asyncio scoped session](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncio-scoped-session)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import assigned_names, uses
from flake8_async_sqla.semantics.blocking import is_test
from flake8_async_sqla.semantics.calls import ASYNC_SCOPED_SESSION, argument
from flake8_async_sqla.semantics.importers import importers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import RegistryCall

_ENDS = frozenset({"remove", "registry"})


@rule("ASQ215", symptom="finished tasks and their sessions stay referenced")
def async_scoped_session_never_removed(registry: RegistryCall, module: Module) -> Iterator[Diagnostic]:
    """Report registries that nothing cleans up."""
    call = registry.call
    names = assigned_names(module, call)
    if registry.path != ASYNC_SCOPED_SESSION or not names or argument(call, "scopefunc", 1) is None:
        return
    if module.scope_of(call).kind != "module" or is_test(module):
        return
    members = [module.parent(use) for use in uses(module, call)]
    if not all(_is_member_use(module, member) for member in members):
        return
    used = bool(members)
    for place in importers(module):
        for scope in place.index.scopes.values():
            for node in scope.nodes:
                if isinstance(node, ast.Attribute) and node.attr in _ENDS:
                    return
        used = used or any(name in scope.loads for scope in place.index.scopes.values() for name in names)
    if used and not any(isinstance(member, ast.Attribute) and member.attr in _ENDS for member in members):
        yield Diagnostic(
            at=call,
            message="sessions of finished tasks are kept for good: nothing calls remove() on this registry; await it at the end of each task",
        )


def _is_member_use(module: Module, member: ast.AST | None) -> bool:
    """Tell whether a use is ``registry.x`` or ``registry()``; anything else may hand the registry to what removes."""
    return isinstance(member, (ast.Attribute, ast.Call)) and not (
        isinstance(member, ast.Call) and not isinstance(member.func, ast.Name)
    )
