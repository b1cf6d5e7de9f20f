from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

SESSION = """

from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")


async def use():
    async with AsyncSession(engine) as session, engine.connect() as conn:
        FORM
"""
ARGUMENT = "ArgumentError: Textual SQL expression 'SELECT 1' should be explicitly declared as text('SELECT 1')"
OBJECT = "ObjectNotExecutableError: Not an executable object: 'SELECT 1'"


@pytest.mark.parametrize("series", SERIES)
def test_sessions_do_not_take_plain_strings(series: str, tmp_path: Path) -> None:
    after = SESSION.replace("FORM", "return await ping(session)") + awaiting("use()")
    assert ARGUMENT in error(example("ASQ406", series, tmp_path, after))
    good = use_instead("ASQ406", series, tmp_path, after)
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("form", "claim"),
    [
        ("await session.stream('SELECT 1')", ARGUMENT),
        ("await session.scalars('SELECT 1')", ARGUMENT),
        ("await conn.execute('SELECT 1')", OBJECT),
        ("await conn.scalar('SELECT 1')", OBJECT),
        ("await conn.stream('SELECT 1')", OBJECT),
    ],
)
def test_each_method_fails(series: str, form: str, claim: str, tmp_path: Path) -> None:
    code = section(load()["ASQ406"], "Use instead") + SESSION.replace("FORM", form) + awaiting("use()")
    assert claim in run(series, code, cwd=tmp_path).stderr


@pytest.mark.parametrize("series", SERIES)
def test_sqlmodel_sessions_do_not_take_plain_strings(series: str, tmp_path: Path) -> None:
    code = section(load()["ASQ406"], "Use instead").replace("sqlalchemy.ext.asyncio", "sqlmodel.ext.asyncio.session")
    code += SESSION.replace("FORM", "await session.exec('SELECT 1')") + awaiting("use()")
    assert ARGUMENT in run(series, code, cwd=tmp_path).stderr


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ406", tmp_path) == other_form("ASQ406")
