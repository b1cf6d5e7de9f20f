"""
# async-migration-function

## What it does
Finds `async def upgrade()` and `async def downgrade()` in Alembic's version files.

## Why is this bad?
Alembic calls `upgrade()` and throws away what it gives. For a coroutine function that is a coroutine, which nobody
awaits: the migration does nothing, while its revision is written to `alembic_version` as if it had run. All there is
to see is `RuntimeWarning: coroutine 'upgrade' was never awaited`. With an async `env.py` it is the same: migrations
always get a synchronous connection.

## Example
    import sqlalchemy as sa
    from alembic import op

    revision = "0001"
    down_revision = None


    async def upgrade() -> None:
        op.create_table("items", sa.Column("id", sa.Integer, primary_key=True))


    def downgrade() -> None:
        op.drop_table("items")

## Use instead
    import sqlalchemy as sa
    from alembic import op

    revision = "0001"
    down_revision = None


    def upgrade() -> None:
        op.create_table("items", sa.Column("id", sa.Integer, primary_key=True))


    def downgrade() -> None:
        op.drop_table("items")

## Fix safety
Unsafe: the migration runs for the first time, also where its revision counts as applied already. There is no fix for
a function that awaits something; `op.run_async()` (Alembic 1.11) runs a coroutine function with an `AsyncConnection`.

## References
- [Alembic: op.run_async](https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.run_async)
- [Alembic: using asyncio](https://alembic.sqlalchemy.org/en/latest/cookbook.html#using-asyncio-with-alembic)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, MakeSync, Refusal, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.migrations import awaits, steps
from flake8_async_sqla.semantics.inference.functions import transparent
from flake8_async_sqla.semantics.module import Module


@rule("ASQ802", symptom="RuntimeWarning: coroutine 'upgrade' was never awaited", fixable="sometimes")
def async_migration_function(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report the functions of a migration that Alembic calls without awaiting them."""
    for function in steps(module):
        if isinstance(function, ast.AsyncFunctionDef) and transparent(module, function):
            yield Diagnostic(
                at=function,
                message=f"Alembic does not await '{function.name}': the migration does nothing, and its revision is "
                "recorded all the same; make it a plain 'def', with op.run_async() for what has to be awaited",
                fix=partial(_fix, module, function),
            )


def _fix(module: Module, function: ast.AsyncFunctionDef) -> Fix | Refusal:
    if awaits(module, function):
        return Refusal("the function awaits something")
    return unsafe("the migration runs for the first time", MakeSync(function))
