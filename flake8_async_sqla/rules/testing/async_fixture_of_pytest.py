"""
# async-fixture-of-pytest

## What it does
Finds `async def` fixtures under `@pytest.fixture` that give a session, connection or engine, or do database IO, where
tests with `@pytest.mark.asyncio` request them and pytest-asyncio is in strict mode, which is its default. Nothing is
reported with `asyncio_mode = auto` in pytest's configuration, and for tests that anyio's plugin runs.

## Why is this bad?
In strict mode pytest-asyncio leaves fixtures of `@pytest.fixture` alone, and pytest itself does not run coroutines.
pytest 9 refuses: `'test_count' requested an async fixture 'session', with no plugin or hook that handled it`. Before,
the test got what the function returns: `AttributeError: 'async_generator' object has no attribute 'execute'`.

## Example
    import pytest
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


    @pytest.fixture
    async def session():
        engine = create_async_engine("sqlite+aiosqlite://")
        async with AsyncSession(engine) as session:
            yield session
        await engine.dispose()


    @pytest.mark.asyncio
    async def test_count(session):
        assert await session.scalar(text("SELECT 1")) == 1

## Use instead
    import pytest
    import pytest_asyncio
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


    @pytest_asyncio.fixture
    async def session():
        engine = create_async_engine("sqlite+aiosqlite://")
        async with AsyncSession(engine) as session:
            yield session
        await engine.dispose()


    @pytest.mark.asyncio
    async def test_count(session):
        assert await session.scalar(text("SELECT 1")) == 1

## Fix safety
Safe: `pytest_asyncio.fixture` takes the same arguments, and works in both modes.

## References
- [pytest-asyncio: modes](https://pytest-asyncio.readthedocs.io/en/stable/concepts.html#test-discovery-modes)
- [pytest-asyncio: decorators](https://pytest-asyncio.readthedocs.io/en/stable/reference/decorators/index.html)
- [pytest: async fixtures in sync tests](https://docs.pytest.org/en/stable/deprecations.html#sync-test-depending-on-async-fixture)
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.testing.tests import (
    automatic,
    marks,
    requests,
    test_files,
    tests,
)
from flake8_async_sqla.semantics.files.source import read
from flake8_async_sqla.semantics.frameworks.fixtures import fixture_kind, fixture_name
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SESSION, ASYNC_SESSIONMAKER
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION
from flake8_async_sqla.semantics.sessions.database_io import reaches_database
from flake8_async_sqla.semantics.types import Function

_GIVEN = (ASYNC_CONNECTION, ASYNC_ENGINE, ASYNC_SESSION, ASYNC_SESSIONMAKER)


@rule("ASQ806", symptom="requested an async fixture, with no plugin or hook that handled it", fixable="always")
def async_fixture_of_pytest(node: ast.AsyncFunctionDef, module: Module) -> Iterator[Diagnostic]:
    """Report async fixtures of the database that pytest-asyncio does not run in strict mode."""
    decorator = next((item for item in node.decorator_list if fixture_kind(module, item) == "pytest.fixture"), None)
    if decorator is None or automatic(module) or not _is_about_the_database(module, node):
        return
    name = fixture_name(module, node, decorator)
    found = list(_requesting(module, name))
    if not found or any("pytest.mark.asyncio" not in marks(home, test) for home, test in found):
        return
    home, test = found[0]
    place = f"line {test.lineno}" if home == module else f"{home.relative_path}:{test.lineno}"
    target = uncalled(decorator)
    yield Diagnostic(
        at=decorator,
        message=f"pytest-asyncio leaves the async fixture '{name}' alone in strict mode: '{test.name}' ({place}) does "
        "not get what it yields; use @pytest_asyncio.fixture, or asyncio_mode = auto",
        fix=lambda: safe(ReplaceExpression(target, Code("{plugin}.fixture", symbols={"plugin": "pytest_asyncio"}))),
    )


def _is_about_the_database(module: Module, node: ast.AsyncFunctionDef) -> bool:
    given = own_nodes(module, node, ast.Yield, ast.Return)
    values = [item.value for item in given if isinstance(item, (ast.Yield, ast.Return))]
    return any(is_a(module.type_of(value), *_GIVEN) for value in values) or reaches_database(Function(module, node))


def _requesting(module: Module, name: str) -> Iterator[tuple[Module, ast.AsyncFunctionDef]]:
    """Yield the async tests that request a fixture of a module."""
    for path in test_files(module):
        if path != module.path and name not in read(path):
            continue
        home = module if path == module.path else module.project.load(path)
        if home is None or (home != module and name in home.index.top.names):
            continue
        nearer = os.path.join(os.path.dirname(path), "conftest.py")
        if home != module and nearer != module.path and name in read(nearer):
            continue
        for test in tests(home):
            if isinstance(test, ast.AsyncFunctionDef) and requests(test, name):
                yield home, test
