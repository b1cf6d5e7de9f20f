"""
# engine-shared-by-test-loops

## What it does
Finds an asyncpg engine with a connection pool, of a module or of a fixture with `scope="session"`, `"package"` or
`"module"`, that at least two tests use, each in an event loop of its own: tests of pytest-asyncio (its default), and
methods of `unittest.IsolatedAsyncioTestCase`. They may use it directly, through project functions, through a fixture,
or by requests to endpoints (`httpx.ASGITransport`).

## Why is this bad?
The pool keeps the connection of the first test, whose event loop is closed by then. The second test takes it out of
the pool: `RuntimeError: ... got Future ... attached to a different loop`, or `InterfaceError: cannot perform
operation: another operation is in progress`. Each test passes when it runs alone.

## Example
    import pytest
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


    @pytest.mark.asyncio
    async def test_one() -> None:
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1


    @pytest.mark.asyncio
    async def test_two() -> None:
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 2")) == 2

## Use instead
    import pytest
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres", poolclass=NullPool)


    @pytest.mark.asyncio
    async def test_one() -> None:
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1


    @pytest.mark.asyncio
    async def test_two() -> None:
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 2")) == 2

## Fix safety
Unsafe: with `NullPool` every use of the engine makes a connection of its own, outside the tests too. For an engine
that the application shares, one event loop for all tests is better: `asyncio_default_test_loop_scope = session` and
`asyncio_default_fixture_loop_scope = session` in pytest's configuration, where nothing is reported.

## References
- [SQLAlchemy: using multiple asyncio event loops][loops]
- [pytest-asyncio: run all tests in one event loop][scope]
- [pytest-dev/pytest-asyncio#402](https://github.com/pytest-dev/pytest-asyncio/issues/402)
- [sqlalchemy/sqlalchemy#5626](https://github.com/sqlalchemy/sqlalchemy/issues/5626)

[loops]: https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-multiple-asyncio-event-loops
[scope]: https://pytest-asyncio.readthedocs.io/en/stable/how-to-guides/run_session_tests_in_same_loop.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.engine.pools import keeps_connections, without_pool
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.testing.reaching import users
from flake8_async_sqla.rules.testing.tests import option
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.frameworks.fixtures import fixture
from flake8_async_sqla.semantics.module import Module


@rule("ASQ805", symptom="got Future attached to a different loop", fixable="sometimes")
def engine_shared_by_test_loops(engine: EngineCall, module: Module) -> Iterator[Diagnostic]:
    """Report module-level engines that several tests use, each in an event loop of its own."""
    if not engine.is_async or not _outlives_a_test(engine, module) or not keeps_connections(engine, module):
        return
    found = users(module, engine.call)
    if len(found) < 2:
        return
    first, second = found[0], found[1]
    yield Diagnostic(
        at=engine.call,
        message=f"tests use this engine in an event loop each ({first}, {second}): a pooled connection belongs to the "
        "first one (RuntimeError: attached to a different loop); use NullPool, or one event loop for all tests",
        fix=partial(without_pool, engine),
    )


def _outlives_a_test(engine: EngineCall, module: Module) -> bool:
    """Tell whether an engine is a module's, or that of a fixture of the whole session, package or module."""
    function = module.function(engine.call)
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return module.scope_of(engine.call).kind == "module"
    decorator = fixture(module, function)
    return decorator is not None and option(decorator, "scope") in ("session", "package", "module")
