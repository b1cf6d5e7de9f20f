"""
# io-through-sync-attribute

## What it does
Finds coroutines that talk to the database through `session.sync_session`, `engine.sync_engine` or
`connection.sync_connection`: by a method, by a helper function, by `metadata.create_all()` or by `inspect()`; or
through what stands on these: `Session(engine.sync_engine)`, `session.get_bind()`.

## Why is this bad?
`MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here` (`await_()` in SQLAlchemy 2.1). The
synchronous objects inside can only do IO in a function that `run_sync()` calls. Reading their attributes, `add()`,
events and `sync_engine.dispose()` are fine.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def ping(session: AsyncSession) -> int:
        return session.sync_session.scalar(text("SELECT 1"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def ping(session: AsyncSession) -> int:
        return await session.scalar(text("SELECT 1"))

## Fix safety
Safe: the program fails where the call stands, and the async object has a coroutine of the same name. Refused for
other methods and for helpers, which `run_sync()` must call.

## References
- [SQLAlchemy: running synchronous methods and functions under asyncio](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#running-synchronous-methods-and-functions-under-asyncio)
- [SQLAlchemy: MissingGreenlet](https://docs.sqlalchemy.org/en/20/errors.html#error-xd2s)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.inner import INNER, awaitable_twin, io_through_inner
from flake8_async_sqla.rules.sync_api.objects import expects_failure, in_coroutine
from flake8_async_sqla.rules.sync_api.writing import given
from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.module import Module


@rule("ASQ411", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes", words=INNER)
def io_through_sync_attribute(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report IO through the synchronous objects inside async ones."""
    at_once = in_coroutine(module, call) or module.scope_of(call).kind == "module"
    found = io_through_inner(module, call) if at_once or module.function(call) is not None else None
    if found is not None and not at_once and not _serves_coroutines(module, call):
        return
    if found is None or _in_run_sync(module, call) or expects_failure(module, call, "MissingGreenlet"):
        return
    at, inner, what = found
    direct = isinstance(call.func, ast.Attribute) and at is call.func.value
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    holder = ast.unparse(inner.value)
    twin = direct and awaitable_twin(module, inner, name)
    runner = "conn" if inner.attr == "sync_engine" else holder
    other = f"do it in a function that 'await {runner}.run_sync(...)' calls"
    advice = f"use 'await {holder}.{name}(...)'" if twin else other
    yield Diagnostic(
        at=at,
        message=f"{what} does IO through {ast.unparse(inner)} outside run_sync() (MissingGreenlet); {advice}",
        fix=partial(_fix, call, inner.value, module) if twin and at is inner else _refuse,
    )


def _serves_coroutines(module: Module, call: ast.Call) -> bool:
    """Tell whether the plain function around a call is only ever called by coroutines themselves."""
    function = module.function(call)
    found = list(uses_of(module, function)) if function is not None and not function.decorator_list else []
    calls = [(place, place.parent(use), use) for place, use in found]
    return bool(calls) and all(
        isinstance(outer, ast.Call) and outer.func is use and isinstance(place.function(outer), ast.AsyncFunctionDef)
        for place, outer, use in calls
    )


def _in_run_sync(module: Module, call: ast.Call) -> bool:
    """Tell whether the call stands where a function for ``run_sync()`` was meant, which is another rule's field."""
    parent = module.parent(call)
    return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "run_sync"


def _fix(call: ast.Call, holder: ast.expr, module: Module) -> Fix | Refusal:
    if not in_coroutine(module, call):
        return Refusal("'await' needs a coroutine around it")
    assert isinstance(call.func, ast.Attribute)
    arguments, nodes = given(call, without=call)
    nodes["holder"] = holder
    parent = module.parent(call)
    outer = parent if isinstance(parent, ast.Await) else call
    code = Code(f"await {{holder}}.{call.func.attr}({', '.join(arguments)})", nodes)
    return safe(ReplaceExpression(outer, code))


def _refuse() -> Refusal:
    return Refusal("a function for run_sync() has to be written")
