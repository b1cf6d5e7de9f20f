"""
# engine-per-request

## What it does
Finds `create_async_engine()` in a function that runs for each request: a route, a websocket, a middleware, a bot's
handler, a task of a worker (arq, taskiq, Celery, Dramatiq), a dependency, or a function that one of these calls;
unless the engine is kept in a global or attribute, cached, disposed of, or has no pool (`NullPool`).

## Why is this bad?
Every engine has a connection pool of its own, and nothing closes it: each request opens a new connection and leaves
it behind. After 10 requests there are 10 idle connections in 10 engines, and at last `FATAL: sorry, too many clients
already`.

## Example
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

    app = FastAPI()


    async def get_connection() -> AsyncIterator[AsyncConnection]:
        engine = create_async_engine("sqlite+aiosqlite:///app.db")
        async with engine.connect() as connection:
            yield connection


    @app.get("/ping")
    async def ping(connection: AsyncConnection = Depends(get_connection)) -> int:
        return (await connection.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

    app = FastAPI()


    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def get_connection() -> AsyncIterator[AsyncConnection]:
        async with engine.connect() as connection:
            yield connection


    @app.get("/ping")
    async def ping(connection: AsyncConnection = Depends(get_connection)) -> int:
        return (await connection.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Unsafe: the engine moves to module level, so it is made when the module is imported. Only where everything it is made
of is there already.

## References
- [SQLAlchemy: engine lifecycle](https://docs.sqlalchemy.org/en/20/core/connections.html#engine-disposal)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, InsertBefore, Refusal, ReplaceStatement, unsafe
from flake8_async_sqla.rules.engine.pools import certainly_pooled
from flake8_async_sqla.rules.engine.stays import collector, stays_inside
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import uses
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.frameworks.callers import chain_to_request
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode


@rule("ASQ110", symptom="10 idle connections in 10 engines after 10 requests", fixable="sometimes")
def engine_per_request(engine: EngineCall, module: Module) -> Iterator[Diagnostic]:
    """Report engines that requests make and leave behind."""
    function = module.function(engine.call)
    if not engine.is_async or engine.configured or function is None or is_test(module):
        return
    if not certainly_pooled(engine, module) or not stays_inside(module, engine.call, function):
        return
    chain = chain_to_request(module, function, stays_inside)
    if not chain or any(_disposes(place, node) for place, node in chain):
        return
    last, handler = chain[-1]
    place = f"'{handler.name}()'" if last == module else f"'{handler.name}()' ({last.relative_path}:{handler.lineno})"
    yield Diagnostic(
        at=engine.call,
        message=f"every request or task that runs {place} makes an engine with a pool and leaves it behind; make one "
        "for the program",
        fix=partial(_fix, module, engine, function),
    )


def _disposes(module: Module, function: FunctionNode) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "dispose" for node in ast.walk(function))


def _fix(module: Module, engine: EngineCall, function: FunctionNode) -> Fix | Refusal:
    statement = module.statement(engine.call)
    if not isinstance(statement, ast.Assign) or statement.value is not engine.call or len(statement.targets) != 1:
        return Refusal("the engine is not assigned to a name")
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or module.parent(statement) is not function:
        return Refusal("the engine is not assigned to a name")
    top = module.index.top
    if module.parent(function) is not module.tree or target.id in top.names:
        return Refusal("there is no place for the engine before the function")
    collecting = [collected for use in uses(module, engine.call) if (collected := collector(module, use))]
    values = [engine.call, *collecting]
    if any(module.parent(module.statement(value)) is not function for value in values):
        return Refusal("the engine is collected in a block")
    scope = module.scope_of(engine.call)
    for name in (node for value in values for node in ast.walk(value) if isinstance(node, ast.Name)):
        found = scope.lookup(name.id)
        if name.id == target.id and found is not None and found[0] is scope:
            continue
        if found is None or found[0] is not top or len(found[1]) != 1 or not _before(found[1][0].node, function):
            return Refusal(f"{name.id!r} is not known before the function")
    lines = [f"{target.id} = {{call0}}", *(f"{{call{number}}}" for number in range(1, len(values)))]
    code = Code("\n".join(lines), nodes={f"call{number}": value for number, value in enumerate(values)})
    gone = [ReplaceStatement(module.statement(value), Code("")) for value in values]
    return unsafe("the engine is made when the module is imported", InsertBefore(function, code), *gone)


def _before(node: ast.AST, function: FunctionNode) -> bool:
    return getattr(node, "lineno", function.lineno) < function.lineno
