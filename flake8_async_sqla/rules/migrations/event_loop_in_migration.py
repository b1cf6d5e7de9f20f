"""
# event-loop-in-migration

## What it does
Finds `asyncio.run()`, `anyio.run()` and `loop.run_until_complete()` in `upgrade()` or `downgrade()` of a migration,
directly or in a plain function of the same file that they call, where the project's `env.py` runs its migrations in an
event loop, as that of `alembic init -t async` does.

## Why is this bad?
An async `env.py` runs the migrations with `connection.run_sync()`, in the thread of its event loop: `RuntimeError:
asyncio.run() cannot be called from a running event loop`. Migrations always get a synchronous connection;
`op.run_async()` (Alembic 1.11) runs a coroutine function with an `AsyncConnection` of the same transaction.

## Example
    import asyncio

    from alembic import op
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    revision = "0001"
    down_revision = None


    async def fill() -> None:
        engine = create_async_engine("sqlite+aiosqlite:///app.db")
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE items (sku TEXT)"))
        await engine.dispose()


    def upgrade() -> None:
        asyncio.run(fill())


    def downgrade() -> None:
        op.drop_table("items")

## Use instead
    from alembic import op
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncConnection

    revision = "0001"
    down_revision = None


    async def fill(connection: AsyncConnection) -> None:
        await connection.execute(text("CREATE TABLE items (sku TEXT)"))


    def upgrade() -> None:
        op.run_async(fill)


    def downgrade() -> None:
        op.drop_table("items")

## Fix safety
No fix: the coroutine has to use the connection that it is given.

## References
- [Alembic: op.run_async](https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.run_async)
- [Alembic: using asyncio](https://alembic.sqlalchemy.org/en/latest/cookbook.html#using-asyncio-with-alembic)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.migrations import environments, runs_loop, starts_loop, steps
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import called_function
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode


@rule("ASQ807", symptom="RuntimeError: asyncio.run() cannot be called from a running event loop")
def event_loop_in_migration(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report ``asyncio.run()`` in migrations that run in an event loop."""
    found = [call for function in steps(module) for call in _runs(module, function, frozenset())]
    near = environments(module) if found else []
    if not near or not all(map(starts_loop, near)):
        return
    for call in dict.fromkeys(found):
        yield Diagnostic(
            at=call,
            message=f"{near[0].relative_path} runs migrations in an event loop, inside which no other can run "
            "(RuntimeError: asyncio.run() cannot be called from a running event loop); use op.run_async()",
        )


def _runs(module: Module, function: FunctionNode, seen: frozenset[FunctionNode]) -> Iterator[ast.Call]:
    if not isinstance(function, ast.FunctionDef) or function in seen:
        return
    for call in own_nodes(module, function, ast.Call):
        assert isinstance(call, ast.Call)
        if runs_loop(module, call):
            yield call
        inner = called_function(module, call)
        if inner is not None and inner.module == module:
            yield from _runs(module, inner.node, seen | {function})
