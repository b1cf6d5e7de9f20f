from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, fixed, other_form
from tests.proofs.testing import pytest_run
from tests.rules.kit import FIXTURES
from tests.rules.test_pages import section

PAGE_URL = "postgresql+asyncpg://postgres@localhost/postgres"
CLAIM = "attached to a different loop"
ONE_LOOP = """[pytest]
asyncio_default_test_loop_scope = session
asyncio_default_fixture_loop_scope = session
"""
CASE = """
import unittest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


class Case(unittest.IsolatedAsyncioTestCase):
    async def test_one(self):
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def test_two(self):
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 2"))
"""
DATABASE = """
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")
async_session = async_sessionmaker(engine)
"""
CONFTEST = """
import pytest_asyncio
from database import async_session


@pytest_asyncio.fixture
async def session():
    async with async_session() as session:
        yield session
"""
BY_FIXTURE = """
import pytest
from sqlalchemy import text


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [1, 2])
async def test_session(session, number):
    assert await session.scalar(text(f"SELECT {number}")) == number
"""


@pytest.mark.parametrize("series", SERIES)
def test_second_test_gets_the_connection_of_the_first(series: str, postgres: str, tmp_path: Path) -> None:
    file = tmp_path / "test_app.py"
    file.write_text(section(load()["ASQ805"], "Example").replace(PAGE_URL, postgres))
    bad = pytest_run(series, tmp_path)
    assert "1 failed, 1 passed" in bad.stdout, bad.stdout
    assert CLAIM in bad.stdout
    assert "1 passed" in pytest_run(series, tmp_path, "-k", "test_two").stdout
    (tmp_path / "pytest.ini").write_text(ONE_LOOP)
    assert "2 passed" in pytest_run(series, tmp_path).stdout
    (tmp_path / "pytest.ini").unlink()
    file.write_text(other_form("ASQ805").replace(PAGE_URL, postgres))
    assert "2 passed" in pytest_run(series, tmp_path).stdout


@pytest.mark.parametrize("series", SERIES)
def test_isolated_test_case_of_unittest(series: str, postgres: str, tmp_path: Path) -> None:
    (tmp_path / "test_case.py").write_text(CASE.replace(PAGE_URL, postgres))
    bad = pytest_run(series, tmp_path)
    assert "1 failed, 1 passed" in bad.stdout
    assert CLAIM in bad.stdout


@pytest.mark.parametrize("series", SERIES)
def test_session_of_a_fixture(series: str, postgres: str, tmp_path: Path) -> None:
    (tmp_path / "database.py").write_text(DATABASE.replace(PAGE_URL, postgres))
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_app.py").write_text(BY_FIXTURE)
    bad = pytest_run(series, tmp_path)
    assert CLAIM in bad.stdout
    assert bad.returncode == 1


@pytest.mark.parametrize("series", SERIES)
def test_requests_to_the_application(series: str, postgres: str, tmp_path: Path) -> None:
    project = Path(shutil.copytree(FIXTURES / "ASQ805_requests", tmp_path / "project"))
    database = project / "database.py"
    database.write_text(database.read_text().replace(PAGE_URL, postgres))
    bad = pytest_run(series, project)
    assert "1 failed, 2 passed" in bad.stdout, bad.stdout
    assert CLAIM in bad.stdout


def test_fix_takes_the_pool_away(tmp_path: Path) -> None:
    assert fixed("ASQ805", tmp_path) == other_form("ASQ805")
