"""
# database-task-nobody-awaits

## What it does
Finds `asyncio.create_task()` and `ensure_future()` of a coroutine that changes the database, where nobody keeps the
task: the call is a statement of its own, or its result is assigned and never read.

## Why is this bad?
The task has not run when the next statement runs, so that this one does not see its work: `OperationalError: no such
table`. When the event loop ends first, or the garbage collector finds the task, its transaction is cut off; its
exception shows in the log at best, as `Task exception was never retrieved`.

## Example
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine


    async def create_tables(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE items (sku VARCHAR(20))"))


    async def start(engine: AsyncEngine) -> None:
        asyncio.create_task(create_tables(engine))
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO items VALUES ('bolt')"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine


    async def create_tables(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE items (sku VARCHAR(20))"))


    async def start(engine: AsyncEngine) -> None:
        await create_tables(engine)
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO items VALUES ('bolt')"))

## Fix safety
Unsafe: the coroutine is awaited, so that its caller waits for it and sees its exception. Refused where the coroutine
holds an endless loop, and where the task has a name. Work that is meant to run beside the caller belongs into a
`TaskGroup`, or its task into a set that is awaited at the end.

## References
- [Python: asyncio.create_task, keep a reference to the result](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task)
- [dan1elt0m/sadel#10](https://github.com/dan1elt0m/sadel/issues/10)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.session_outlives_request import outliving_task
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.sessions.database_io import changes_database
from flake8_async_sqla.semantics.sessions.lifetimes import fate
from flake8_async_sqla.semantics.sessions.spawning import SPAWNING, spawner, started
from flake8_async_sqla.semantics.types import Function

_STARTERS = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.AbstractEventLoop.create_task"})


@rule("ASQ227", symptom="no such table", fixable="sometimes", names=SPAWNING)
def database_task_nobody_awaits(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report tasks that change the database and are dropped."""
    if spawner(module, call) not in _STARTERS:
        return
    work = started(module, call)
    if work is None or fate(module, call) != "discarded" or not changes_database(module, work):
        return
    if outliving_task(module, call) is None:
        name = ast.unparse(work.func)
        yield Diagnostic(
            at=call,
            message=f"nobody awaits the task of '{name}()': its work is not done by the next statement, may be "
            "cut off, and its exception is lost; await it, or keep the task",
            fix=partial(_await_it, module, call, work.func),
        )


def _await_it(module: Module, call: ast.Call, func: ast.expr) -> Fix | Refusal:
    if not isinstance(module.parent(call), ast.Expr) or not isinstance(module.function(call), ast.AsyncFunctionDef):
        return Refusal("the task is not started by a statement of a coroutine")
    coroutine = call.args[0] if call.args else None
    if not isinstance(coroutine, ast.Call) or coroutine.func is not func:
        return Refusal("the coroutine is made elsewhere")
    callee = module.type_of(func)
    if isinstance(callee, Function) and _endless(callee):
        return Refusal("the coroutine holds a loop that may never end")
    reason = "the caller waits for the work now, and sees its exception"
    return unsafe(reason, ReplaceExpression(call, Code("await {coroutine}", {"coroutine": coroutine})))


def _endless(function: Function) -> bool:
    calls = own_nodes(function.module, function.node, ast.Call)
    loops = any(isinstance(node, (ast.While, ast.AsyncFor)) for node in ast.walk(function.node))
    return loops or any(
        isinstance(callee := function.module.type_of(call.func), Function)  # type: ignore[attr-defined]
        and any(isinstance(node, ast.While) for node in ast.walk(callee.node))
        for call in calls
    )
