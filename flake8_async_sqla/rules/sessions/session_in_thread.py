"""
# session-in-thread

## What it does
Finds an `AsyncSession`, an `AsyncConnection`, their `sync_session` or `sync_connection`, a method of one, or a
function that uses one from the surrounding coroutine, handed to a thread: `asyncio.to_thread()`, `run_in_executor()`,
`run_in_threadpool()`, `anyio.to_thread.run_sync()`, `executor.submit()`, `threading.Thread()`, `sync_to_async()`.

## Why is this bad?
The driver's coroutines can only be awaited in the event loop's thread, in the greenlet that SQLAlchemy makes there.
In a thread the first query raises `MissingGreenlet: greenlet_spawn has not been called`. A synchronous `Session` of a
synchronous engine may go to a thread and is not reported.

## Example
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import Session


    def total(session: Session, table: str) -> int:
        return session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


    async def report(session: AsyncSession) -> int:
        return await asyncio.to_thread(total, session.sync_session, "users")

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import Session


    def total(session: Session, table: str) -> int:
        return session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


    async def report(session: AsyncSession) -> int:
        return await session.run_sync(total, "users")

## Fix safety
Unsafe: the function runs in the event loop's thread, so that other slow work in it blocks the loop. Only an awaited
call is rewritten: a function whose first argument is the synchronous session becomes `run_sync()`, a method is
awaited on the session itself.

## References
- [SQLAlchemy: running synchronous methods and functions under asyncio](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#running-synchronous-methods-and-functions-under-asyncio)
- [SQLAlchemy: MissingGreenlet](https://docs.sqlalchemy.org/en/20/errors.html#error-xd2s)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import SYNC_VIEWS
from flake8_async_sqla.semantics.sessions.spawning import SPAWNING, Work, handed_to_thread
from flake8_async_sqla.semantics.sessions.threads import session_in

_REASON = "it runs in the event loop's thread, which other slow work in it blocks"


@rule("ASQ210", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes", names=SPAWNING)
def session_in_thread(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report the async session that a call hands to a thread."""
    work = handed_to_thread(module, call)
    found = session_in(module, work) if work is not None else None
    if work is None or found is None:
        return
    at, session = found
    name = ast.unparse(session)
    yield Diagnostic(
        at=at,
        message=f"'{name}' works in its event loop only: MissingGreenlet in a thread; use 'await {name}.run_sync(...)'",
        fix=partial(_on_the_loop, module, call, work, session),
    )


def _on_the_loop(module: Module, call: ast.Call, work: Work, session: ast.expr) -> Fix | Refusal:
    if not isinstance(module.parent(call), ast.Await):
        return Refusal("only an awaited call can be put in the place of the thread's work")
    if work.func not in call.args or any(keyword not in call.keywords for keyword in work.keywords):
        return Refusal("the function is put together elsewhere")
    options = [keyword.arg for keyword in call.keywords]
    if any(name in (None, "limiter", "abandon_on_cancel", "cancellable") for name in options):
        return Refusal("the options of the thread have no place in run_sync()")
    nodes: dict[str, ast.AST] = {"session": session}
    func, given = work.func, work.args
    if isinstance(func, ast.Attribute) and session in (func.value, getattr(func.value, "value", None)):
        known = fact(ASYNC_SESSION, func.attr)
        if known is None or known.kind != "coroutine":
            return Refusal("the method has no asynchronous form")
        head = [f"{{session}}.{func.attr}("]
    elif given and isinstance(given[0], ast.Attribute) and given[0].attr in SYNC_VIEWS and given[0].value is session:
        nodes["func"], given = func, given[1:]
        head = ["{session}.run_sync(", "{func}"]
    else:
        return Refusal("the function does not take the synchronous session first")
    parts = head[1:]
    for number, value in enumerate(given):
        nodes[f"value{number}"] = value
        parts.append(f"{{value{number}}}")
    for keyword in work.keywords:
        nodes[f"keyword_{keyword.arg}"] = keyword.value
        parts.append(f"{keyword.arg}={{keyword_{keyword.arg}}}")
    return unsafe(_REASON, ReplaceExpression(call, Code(f"{head[0]}{', '.join(parts)})", nodes)))
