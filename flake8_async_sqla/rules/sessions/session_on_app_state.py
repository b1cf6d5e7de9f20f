"""
# session-on-app-state

## What it does
Finds an `AsyncSession` that is kept in the state of the whole application: `app.state` of FastAPI, Starlette and
Litestar, in every spelling (`request.app.state`, `setattr()`, `app.state["session"]`, the dict that a lifespan yields),
`app["session"]` of aiohttp, `app.ctx` of Sanic, `app.config` and `app.extensions` of Quart; on the bot or a cog of
discord.py, and in what aiogram's dispatcher hands to each handler. `request.state`, which each request has for itself,
is right.

## Why is this bad?
All requests then share one session, which can serve one task at a time: `InvalidRequestError: This session is
provisioning a new connection; concurrent operations are not permitted`, or `IllegalStateChangeError`. Worse, one
request commits or rolls back what another one wrote.

## Example
    from fastapi import FastAPI
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    app = FastAPI()
    app.state.session = AsyncSession(engine)

## Use instead
    from fastapi import FastAPI
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    app = FastAPI()
    app.state.session = async_sessionmaker(engine)

## Fix safety
Unsafe: the factory is kept in the same place, and each function that used the session opens one of its own. Refused
where another file may read the state, where a use is not inside a coroutine, hands the session on or cannot be seen,
and where a function only commits what others wrote.

## References
- [SQLAlchemy: is the AsyncSession safe to share in concurrent tasks?](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#session-faq-threadsafe)
- [Starlette: storing state on the app instance](https://www.starlette.io/applications/#storing-state-on-the-app-instance)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.keeping import keep_factory
from flake8_async_sqla.rules.sessions.sharing import Read, open_where_used
from flake8_async_sqla.rules.sessions.stores import stores
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.files.importers import mentions
from flake8_async_sqla.semantics.frameworks.state import is_shared_place
from flake8_async_sqla.semantics.frameworks.workers import is_of_worker
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN


@rule(
    "ASQ206",
    symptom="concurrent operations are not permitted",
    fixable="sometimes",
    names=("setattr", "setdefault", "update", "State", "Dispatcher", "run_polling", "start_polling"),
)
def session_on_app_state(
    node: ast.Assign | ast.AnnAssign | ast.AsyncWith | ast.Call | ast.Yield, module: Module
) -> Iterator[Diagnostic]:
    """Report sessions that are stored where all requests share them."""
    if is_test(module):
        return
    for place, value in stores(module, node):
        yield Diagnostic(
            at=place,
            message="one AsyncSession for the whole application: requests share it and break each other's "
            "transactions; keep the factory here and open a session per request",
            fix=partial(_fix, module, place, value),
        )


def _fix(module: Module, place: ast.expr, value: ast.expr) -> Fix | Refusal:
    word = _word(place)
    if not isinstance(place, (ast.Attribute, ast.Subscript)) or not word:
        return Refusal("how the session gets here is not plain enough to rewrite")
    if isinstance(place.value, ast.Name) and is_of_worker(module):
        return Refusal("the jobs of the worker read the session")
    kept = keep_factory(module, value)
    if isinstance(kept, Refusal):
        return kept
    if mentions(module, word):
        return Refusal(f"another file may read '{word}' from the application's state")
    reads: list[Read] = []
    for scope in module.index.scopes.values():
        for node in scope.nodes:
            if isinstance(node, (ast.Attribute, ast.Subscript)) and node is not place and _word(node) == word:
                if isinstance(node.ctx, ast.Load) and is_shared_place(module, node):
                    reads.append(node)
                elif module.type_of(node.value) is UNKNOWN:
                    return Refusal(f"what '{ast.unparse(node)}' on line {node.lineno} is cannot be seen")
    return open_where_used(module, kept, reads)


def _word(place: ast.AST) -> str:
    """The name under which a place is kept: an attribute, a string, or a name that holds a key."""
    if isinstance(place, ast.Attribute):
        return place.attr
    key = place.slice if isinstance(place, ast.Subscript) else None
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    return key.id if isinstance(key, ast.Name) else ""
