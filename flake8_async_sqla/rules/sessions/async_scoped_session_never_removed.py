"""
# async-scoped-session-never-removed

## What it does
Finds an `async_scoped_session()` registry with a session for each task (`scopefunc=asyncio.current_task`, or a
context variable) whose `remove()` is called nowhere in the project, though sessions are taken out of it.

## Why is this bad?
The registry keeps the session of every task that used it. Without `await registry.remove()` at the end of a task, the
sessions of finished tasks stay referenced with their connections: the pool runs dry, and memory grows.

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
from flake8_async_sqla.rules.uses import assigned_names
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.calls import ASYNC_SCOPED_SESSION, argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import origin_of
from flake8_async_sqla.semantics.subjects import RegistryCall
from flake8_async_sqla.semantics.types import External, Function, Member, Origin, Type

_READS = frozenset({"has", "values", "items", "keys", "get"})
_MAX_MODULES = 500


@rule("ASQ215", symptom="finished tasks and their sessions stay referenced")
def async_scoped_session_never_removed(registry: RegistryCall, module: Module) -> Iterator[Diagnostic]:
    """Report registries that nothing cleans up."""
    call = registry.call
    scope = argument(call, "scopefunc", 1)
    if registry.path != ASYNC_SCOPED_SESSION or scope is None or not assigned_names(module, call):
        return
    if module.scope_of(call).kind != "module" or is_test(module) or not _new_for_each_task(module, scope):
        return
    uses = [(place, use) for place in _around(module) for use in _uses(place, module.origin(call))]
    if uses and all(_only_uses(place, use) for place, use in uses):
        yield Diagnostic(
            at=call,
            message="sessions of finished tasks are kept for good: nothing calls remove() on this registry; "
            "await it at the end of each task",
        )


def _new_for_each_task(module: Module, scope: ast.expr) -> bool:
    """Tell whether a scope function certainly gives another key for each task or request."""
    if isinstance(scope, ast.Lambda):
        return _asks_for_unit(module, scope.body)
    kind = module.type_of(scope)
    if isinstance(kind, Function):
        returns = [node.value for node in own_nodes(kind.module, kind.node, ast.Return) if isinstance(node, ast.Return)]
        return bool(returns) and all(value is not None and _asks_for_unit(kind.module, value) for value in returns)
    return _is_unit(kind)


def _asks_for_unit(module: Module, value: ast.expr) -> bool:
    return any(isinstance(node, ast.Call) and _is_unit(module.type_of(node.func)) for node in ast.walk(value))


def _is_unit(kind: Type) -> bool:
    if isinstance(kind, Member) and kind.name == "get" and is_a(kind.receiver, "contextvars.ContextVar"):
        origin = origin_of(kind.receiver)
        return origin is not None and argument(origin.call, "default") is None
    return kind == External("asyncio.current_task")


def _around(module: Module) -> list[Module]:
    """List a module and all that import it, directly or not: names are re-exported under way."""
    found = [module]
    for item in found:
        found.extend(other for other in importers(item) if other not in found and len(found) < _MAX_MODULES)
    return found


def _uses(module: Module, origin: Origin) -> Iterator[ast.expr]:
    for scope in module.index.scopes.values():
        members = (node for node in scope.nodes if isinstance(node, ast.Attribute))
        for node in (*(name for names in scope.loads.values() for name in names), *members):
            if origin_of(module.type_of(node)) == origin:
                yield node


def _only_uses(module: Module, use: ast.expr) -> bool:
    """Tell whether a use takes a session out of the registry; anything else may remove it, or hand it to what does."""
    chain: list[str] = []
    parent = module.parent(use)
    while isinstance(parent, ast.Attribute):
        chain.append(parent.attr)
        use, parent = parent, module.parent(parent)
    if chain and chain[0] == "registry":
        return chain[-1] in _READS or (isinstance(parent, ast.Call) and ast.unparse(parent.func) == "len")
    return "remove" not in chain and (bool(chain) or (isinstance(parent, ast.Call) and parent.func is use))
