"""
# engine-in-several-event-loops

## What it does
Finds a module-level asyncpg engine with a connection pool that coroutines use in more than one event loop:
`asyncio.run()` in a loop, twice in a row, in a function that is called so, in a view of Flask, or in a Celery task or
Dramatiq actor, which one worker process runs many times. Flask's `async def` views get an event loop for each request.

## Why is this bad?
`asyncio.run()` makes an event loop and closes it, while the pool keeps a connection that belongs to it. The next loop
takes that connection out of the pool: `RuntimeError: ... got Future ... attached to a different loop`. Programs with
one `asyncio.run()` are fine, and so are engines with `NullPool` and coroutines that dispose of the engine.

## Example
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


    async def ping() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))


    for _ in range(2):
        asyncio.run(ping())

## Use instead
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres", poolclass=NullPool)


    async def ping() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))


    for _ in range(2):
        asyncio.run(ping())

## Fix safety
Unsafe: with `NullPool` every use of the engine makes a connection of its own. Offered where the engine is made in the
same file.

## References
- [SQLAlchemy: using multiple asyncio event loops][loops]

[loops]: https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-multiple-asyncio-event-loops
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.engine.pools import keeps_connections, without_pool
from flake8_async_sqla.rules.engine.runs import in_one_block, module_engine, reached, repeated, runs
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Origin


@rule("ASQ111", symptom="got Future attached to a different loop", fixable="sometimes")
def engine_in_several_event_loops(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report engines, or else the calls that start the loops, where one engine serves several event loops."""
    if is_test(module):
        return
    started = runs(module)
    if not _may_start_several(module, [call for call, _ in started]):
        return
    users: dict[Origin, list[ast.Call]] = {}
    for call, function in started:
        for origin in reached(function):
            users.setdefault(origin, []).append(call)
    for origin, calls in users.items():
        engine = module_engine(origin)
        if engine is None or not keeps_connections(engine, origin.module):
            continue
        why = next(filter(None, map(partial(repeated, module), calls)), "twice" if in_one_block(module, calls) else "")
        if not why or any(_disposes_beside(module, call) for call in calls):
            continue
        here = origin.module == module
        place = "" if here else f" ({origin.module.relative_path}:{origin.line})"
        yield Diagnostic(
            at=engine.call if here else calls[0],
            message=f"the engine{place} keeps connections of a closed event loop: one is started {why} (RuntimeError: "
            "attached to a different loop); use NullPool or dispose of the engine in the coroutine",
            fix=partial(without_pool, engine) if here else None,
        )


def _may_start_several(module: Module, calls: list[ast.Call]) -> bool:
    """Tell whether a call may run more than once, or two of them one after the other, whatever it is that they run."""
    again = any(module.function(call) is not None or repeated(module, call) for call in calls)
    return again or in_one_block(module, calls)


def _disposes_beside(module: Module, call: ast.Call) -> bool:
    nodes = module.scope_of(call).nodes
    return any(isinstance(node, ast.Attribute) and node.attr == "dispose" for node in nodes)
