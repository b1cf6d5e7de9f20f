"""
# blocking-session-in-coroutine

## What it does
Finds the first line of a coroutine function where it does database IO through a synchronous session: `Session` of
SQLAlchemy or SQLModel, a `scoped_session`, or a `Query` of one. In endpoints, websockets, middlewares, lifespans,
async generators and dependencies, and wherever the session comes from: a parameter, `Depends()`, `with
Session(engine)`, a factory, `self`, another file.

## Why is this bad?
The event loop stops until the database has answered: no other request, websocket or health check is served, and one
slow query freezes the whole process. No exception tells; under load everything gets slow.

Nothing is reported where the IO runs in a thread (`asyncio.to_thread()`, `run_in_threadpool()`, executors, FastAPI's
plain `def` endpoints), inside `run_sync()`, in tests, or in coroutines that only run under an `asyncio.run()` of
their own. Each coroutine function is reported once for each session.

## Example
    from typing import Annotated

    from fastapi import Depends, FastAPI, Request
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    app = FastAPI()


    def get_session(request: Request) -> Session:
        return request.state.session


    @app.get("/users/count")
    async def count_users(session: Annotated[Session, Depends(get_session)]) -> int:
        return session.execute(text("SELECT count(*) FROM users")).scalar_one()

## Use instead
    from typing import Annotated

    from fastapi import Depends, FastAPI, Request
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    app = FastAPI()


    def get_session(request: Request) -> Session:
        return request.state.session


    @app.get("/users/count")
    def count_users(session: Annotated[Session, Depends(get_session)]) -> int:
        return session.execute(text("SELECT count(*) FROM users")).scalar_one()

## Fix safety
Unsafe, and only for FastAPI endpoints that await nothing: `async def` becomes `def`, which FastAPI runs in its thread
pool. Everything else needs an `AsyncSession`, or a thread for the blocking part, which is a decision.

## Options
- `--async-sqla-app`: `never` switches the rule off.

## References
- [FastAPI: concurrency and async / await](https://fastapi.tiangolo.com/async/)
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [SQLAlchemy discussion 9718](https://github.com/sqlalchemy/sqlalchemy/discussions/9718)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.blocking.plain import direct_uses, finding
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module


@rule("ASQ601", symptom="the event loop stops while the database answers", fixable="sometimes")
def blocking_session_in_coroutine(node: ast.AsyncFunctionDef, module: Module) -> Iterator[Diagnostic]:
    """Report the first blocking line for each session."""
    for use in direct_uses(module, node, of_engine=False):
        yield finding(module, node, use, "use an AsyncSession, or hand the work to asyncio.to_thread()")
