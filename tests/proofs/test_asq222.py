from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, not_awaitable, use_instead
from tests.rules.kit import fix, lint
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

GENERATOR = "AttributeError: 'async_generator' object has no attribute 'execute'"
AWAITED = not_awaitable("async_generator")
MARKER = "AttributeError: 'Depends' object has no attribute 'execute'"


def _example() -> str:
    return section(load()["ASQ222"], "Example")


@pytest.mark.parametrize("series", SERIES)
def test_generator_is_no_session(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ222", series, tmp_path, awaiting("ping()"))) == GENERATOR
    good = use_instead("ASQ222", series, tmp_path, awaiting("ping()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")


def test_generator_cannot_be_awaited(tmp_path: Path) -> None:
    code = _example().replace("db = get_db()", "db = await get_db()")
    assert error(run("2.0", code + awaiting("ping()"), cwd=tmp_path)) == AWAITED


@pytest.mark.parametrize("series", SERIES)
def test_parameter_that_nobody_injects_holds_the_marker(series: str, tmp_path: Path) -> None:
    code = _example().replace("ping()", "ping(db: AsyncSession = Depends(get_db))").replace("    db = get_db()\n", "")
    done = run(series, f"from fastapi import Depends\n{code}{awaiting('ping()')}", cwd=tmp_path)
    assert error(done) == MARKER


def test_fixed_example_is_the_other_form(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(_example(), encoding="utf-8")
    assert fix(path) == section(load()["ASQ222"], "Use instead")
    assert lint(path) == []


MANAGER = """
import asyncio
from contextlib import asynccontextmanager
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

@asynccontextmanager
async def session_scope():
    async with async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))() as session:
        yield session

async def main():
    await session_scope().execute(text("SELECT 1"))

asyncio.run(main())
"""


def test_context_manager_is_no_session(tmp_path: Path) -> None:
    claim = "AttributeError: '_AsyncGeneratorContextManager' object has no attribute 'execute'"
    assert claim in run("2.1", MANAGER, cwd=tmp_path).stderr
