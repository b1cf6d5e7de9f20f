"""
# session-outlives-request

## What it does
Finds a session that FastAPI injects out of a generator, or that `async with` closes, given to something that goes on
after it: a background task, a task that the function does not await, a streaming response that leaves the session's
connection checked out (the endpoint's own, or that of a dependency such as a check of the user), a websocket loop that
never ends the transaction.

## Why is this bad?
A closed `AsyncSession` does not refuse work: it takes a connection out of the pool again, and nobody returns it. A
session that is still open keeps its connection for as long as the stream, socket or task lasts. Both end in
`TimeoutError: QueuePool limit of size ... reached`. FastAPI 0.106 to 0.117 closes the session before background tasks
run; the other versions after them.

## Example
    import asyncio
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)
    app = FastAPI()
    tasks = set()


    async def get_session() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    async def record(session: AsyncSession, item: int) -> None:
        await asyncio.sleep(0.05)
        await session.execute(text("SELECT :item"), {"item": item})


    @app.get("/items/{item}")
    async def view(item: int, session: AsyncSession = Depends(get_session)) -> int:
        tasks.add(asyncio.create_task(record(session, item)))
        return item

## Use instead
    import asyncio

    from fastapi import FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)
    app = FastAPI()
    tasks = set()


    async def record(item: int) -> None:
        await asyncio.sleep(0.05)
        async with factory() as session:
            await session.execute(text("SELECT :item"), {"item": item})


    @app.get("/items/{item}")
    async def view(item: int) -> int:
        tasks.add(asyncio.create_task(record(item)))
        return item

## Fix safety
There is no fix: what outlives the request opens a session of its own. A streaming endpoint can also end the
transaction before it returns (`await session.close()`), or take `Depends(get_session, scope="function")`; a websocket
loop commits or closes after each message.

## References
- [FastAPI: dependencies with yield and background tasks](https://fastapi.tiangolo.com/advanced/advanced-dependencies/)
- [fastapi/fastapi#581](https://github.com/fastapi/fastapi/issues/581)
- [aegra/aegra#423](https://github.com/aegra/aegra/issues/423)
- [sqlalchemy/sqlalchemy#5787](https://github.com/sqlalchemy/sqlalchemy/issues/5787)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.frameworks import BACKGROUND
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.frameworks.endpoints import held_by_dependency, holding_session, websocket_loop
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.sessions.concurrency import task_of
from flake8_async_sqla.semantics.sessions.lifetimes import block_of, ends_at_once, fate, injected, sessions_given
from flake8_async_sqla.semantics.sessions.spawning import SPAWNING, applied, called

_TOO_LATE = "; open a session in it instead"


@rule("ASQ209", symptom="QueuePool limit of size 1 overflow 0 reached", names=SPAWNING)
def session_outlives_request(node: ast.Call | ast.AsyncFunctionDef, module: Module) -> Iterator[Diagnostic]:
    """Report what keeps a request's session beyond the request."""
    if isinstance(node, ast.AsyncFunctionDef):
        yield from _endpoint(node, module)
    elif (name := outliving_task(module, node)) is not None:
        message = f"the task goes on after '{name}' is closed, and takes a connection that nobody returns{_TOO_LATE}"
        yield Diagnostic(at=node, message=message)
    elif (name := _background(module, node)) is not None:
        message = f"the background task runs after the response: '{name}' is closed by then, or keeps its connection"
        yield Diagnostic(at=node, message=message + _TOO_LATE)


def outliving_task(module: Module, call: ast.Call) -> str | None:
    """Name the session that a task uses after the function that starts it has closed it."""
    task = task_of(module, call)
    if task is None or task.group is not None:
        return None
    given = sessions_given(module, task.work)
    if not given or fate(module, call) == "awaited":
        return None
    for key, name in given.items():
        block = block_of(module, key, call)
        if injected(key) is not None or (block is not None and ends_at_once(module, block, call)):
            return name
    return None


def _background(module: Module, call: ast.Call) -> str | None:
    path = called(module, call)
    path = path.replace("fastapi.BackgroundTasks", "starlette.background.BackgroundTasks")
    if path not in BACKGROUND and path.replace("starlette.background", "fastapi") not in BACKGROUND:
        return None
    func = argument(call, "func", 0) or argument(call, "fn", 0)
    if func is None:
        return None
    work = applied(module, call, func, *_passed(call, path))
    for key, name in sessions_given(module, work).items() if work is not None else ():
        if injected(key) is not None or block_of(module, key, call) is not None:
            return name
    return None


def _passed(call: ast.Call, path: str) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Return the arguments that background work is called with."""
    if not path.endswith(".add_job"):
        return call.args[1:], [item for item in call.keywords if item.arg not in ("func", "fn")]
    args, keywords = argument(call, "args", 2), argument(call, "kwargs", 3)
    listed = args.elts if isinstance(args, (ast.List, ast.Tuple)) else []
    return listed, [ast.keyword(None, keywords)] if keywords is not None else []


def _endpoint(node: ast.AsyncFunctionDef, module: Module) -> Iterator[Diagnostic]:
    for parameter in holding_session(module, node):
        message = f"'{parameter.arg}' keeps its connection until the stream ends; close it before"
        yield Diagnostic(at=parameter, message=message + ", or Depends(..., scope='function')")
    for at, name in held_by_dependency(module, node):
        message = f"{name}() leaves a session that keeps its connection until the stream ends; open and close one in it"
        yield Diagnostic(at=at, message=message + ", or Depends(..., scope='function')")
    for parameter in websocket_loop(module, node):
        message = (
            f"'{parameter.arg}' keeps its connection while the socket is open; commit or close it after each message"
        )
        yield Diagnostic(at=parameter, message=message)
