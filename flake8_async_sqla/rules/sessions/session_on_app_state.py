"""
# session-on-app-state

## What it does
Finds an `AsyncSession` that is kept in the state of the whole application: `app.state` of FastAPI, Starlette and Litestar, in every spelling
(`request.app.state`, `setattr()`, `app.state["session"]`, the dict that a lifespan yields), `app["session"]` of aiohttp, `app.ctx` of Sanic,
`app.config` and `app.extensions` of Quart. `request.state`, which each request has for itself, is right.

## Why is this bad?
All requests then share one session, which can serve one task at a time: `InvalidRequestError: This session is provisioning a new connection;
concurrent operations are not permitted`, or `IllegalStateChangeError`. Worse, one request commits or rolls back what another one wrote.

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
Unsafe: the factory is kept in the same place, and each function that used the session opens one of its own. Refused where another file may read
the state, or where a use cannot be rewritten.

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
from flake8_async_sqla.rules.sessions.sharing import open_where_used
from flake8_async_sqla.semantics.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.importers import mentions
from flake8_async_sqla.semantics.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.origins import origin_of
from flake8_async_sqla.semantics.state import is_lifespan, is_shared_place, is_shared_state
from flake8_async_sqla.semantics.subjects import SessionCall, call_subjects


@rule("ASQ206", symptom="concurrent operations are not permitted", fixable="sometimes")
def session_on_app_state(
    node: ast.Assign | ast.AnnAssign | ast.AsyncWith | ast.Call | ast.Yield, module: Module
) -> Iterator[Diagnostic]:
    """Report sessions that are stored where all requests share them."""
    for place, value in _stores(module, node):
        if is_a(module.type_of(value), ASYNC_SESSION) or _holds_session(module, value):
            yield Diagnostic(
                at=place,
                message="one AsyncSession for the whole application: requests share it and break each other's transactions; "
                "keep the factory here and open a session per request",
                fix=partial(_fix, module, place, value),
            )


def _stores(module: Module, node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the shared places that a node writes, with what it writes there."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, (ast.Attribute, ast.Subscript)) and is_shared_place(module, target):
                yield target, node.value
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None and is_shared_place(module, node.target):
            yield node.target, node.value
    elif isinstance(node, ast.AsyncWith):
        for item in node.items:
            if item.optional_vars is not None and is_shared_place(module, item.optional_vars):
                yield item.optional_vars, item.context_expr
    elif isinstance(node, ast.Call):
        yield from _call_stores(module, node)
    elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Dict):
        function = module.function(node)
        if function is not None and is_lifespan(module, function):
            yield from ((value, value) for value in node.value.values)


def _call_stores(module: Module, call: ast.Call) -> Iterator[tuple[ast.expr, ast.expr]]:
    path = callee(module, call)
    if path == "builtins.setattr" and len(call.args) == 3 and is_shared_state(module, call.args[0]):
        yield call, call.args[2]
    elif (
        isinstance(call.func, ast.Attribute) and call.func.attr == "update" and is_shared_state(module, call.func.value)
    ):
        for argument in call.args:
            if isinstance(argument, ast.Dict):
                yield from ((value, value) for value in argument.values)
        yield from ((keyword.value, keyword.value) for keyword in call.keywords if keyword.arg is not None)
    elif path == "litestar.datastructures.State" and call.args and isinstance(call.args[0], ast.Dict):
        yield from ((value, value) for value in call.args[0].values)


def _holds_session(module: Module, value: ast.expr) -> bool:
    """Tell whether a value is an object of the project that was made with a session."""
    origin = origin_of(module.type_of(value))
    if origin is None:
        return False
    given = [*origin.call.args, *(keyword.value for keyword in origin.call.keywords)]
    callee_type = origin.module.type_of(origin.call.func)
    if is_a(callee_type, ASYNC_SESSION):
        return False
    return any(is_a(origin.module.type_of(argument), ASYNC_SESSION) for argument in given)


def _fix(module: Module, place: ast.expr, value: ast.expr) -> Fix | Refusal:
    if not isinstance(place, (ast.Attribute, ast.Subscript)) or not isinstance(value, ast.Call):
        return Refusal("how the session gets here is not plain enough to rewrite")
    session = next((found for found in call_subjects(module, value) if isinstance(found, SessionCall)), None)
    name = place.attr if isinstance(place, ast.Attribute) else _key(place)
    if session is None or not name:
        return Refusal("how the session gets here is not plain enough to rewrite")
    if mentions(module, name):
        return Refusal(f"another file may read '{name}' from the application's state")
    reads = [
        node
        for scope in module.index.scopes.values()
        for node in scope.nodes
        if isinstance(node, type(place)) and node is not place and _same(module, node, name)
    ]
    return open_where_used(module, session, reads)


def _key(place: ast.expr) -> str:
    if isinstance(place, ast.Subscript) and isinstance(place.slice, ast.Constant):
        return str(place.slice.value)
    return ""


def _same(module: Module, node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == name and is_shared_place(module, node)
    return isinstance(node, ast.Subscript) and _key(node) == name and is_shared_place(module, node)
