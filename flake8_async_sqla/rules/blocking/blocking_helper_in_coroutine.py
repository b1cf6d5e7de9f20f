"""
# blocking-helper-in-coroutine

## What it does
Finds the first line of a coroutine function where it calls a function or method of the project that does synchronous
database IO: in this file or another, several calls deep, with a session that it is handed or one of its own. The
message names the way there.

## Why is this bad?
The event loop stops until the database has answered, as with a direct call, but nobody sees it: the endpoint calls a
service, which calls a repository, and only that holds the session.

Nothing is reported where the function is handed to a thread (`asyncio.to_thread(count_users, session)`), runs inside
`run_sync()`, in tests, or in coroutines that only run under an `asyncio.run()` of their own. Each coroutine function
is reported once for each session or engine.

## Example
    from sqlalchemy import text
    from sqlalchemy.orm import Session


    def count_users(session: Session) -> int:
        return session.execute(text("SELECT count(*) FROM users")).scalar_one()


    async def report(session: Session) -> str:
        return f"{count_users(session)} users"

## Use instead
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.orm import Session


    def count_users(session: Session) -> int:
        return session.execute(text("SELECT count(*) FROM users")).scalar_one()


    async def report(session: Session) -> str:
        return f"{await asyncio.to_thread(count_users, session)} users"

## Fix safety
Unsafe, and only for FastAPI endpoints that await nothing: `async def` becomes `def`, which FastAPI runs in its thread
pool. Everything else is a decision: a thread for this call, or an `AsyncSession` all the way.

## Options
- `--async-sqla-app`: `never` switches the rule off.

## References
- [FastAPI: concurrency and async / await](https://fastapi.tiangolo.com/async/)
- [Python: running in threads](https://docs.python.org/3/library/asyncio-task.html#running-in-threads)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.blocking.plain import finding
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.blocking.blocking import blocking_uses
from flake8_async_sqla.semantics.module import Module


@rule("ASQ602", symptom="the event loop stops while the database answers", fixable="sometimes")
def blocking_helper_in_coroutine(node: ast.AsyncFunctionDef, module: Module) -> Iterator[Diagnostic]:
    """Report the first call that blocks, for each session or engine; a call once."""
    if module.project.settings.app == "never":
        return
    told: set[ast.AST] = set()
    for use in blocking_uses(module, node):
        if use.steps and use.at not in told:
            told.add(use.at)
            yield finding(module, node, use, "hand the call to asyncio.to_thread(), or use an async session")
