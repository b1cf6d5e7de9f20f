from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, fixed, other_form
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

PAGE_URL = "postgresql+asyncpg://postgres@localhost/postgres"
CLAIM = "cannot insert multiple commands into a prepared statement"
THROWN_AWAY = "\n\nasync def tried():\n    await prepare()\n    async with engine.begin() as conn:\n"
THROWN_AWAY += "        await conn.execute(text('DROP TABLE item'))\n"


def page(heading: str, postgres: str) -> str:
    return section(load()["ASQ413"], heading).replace(PAGE_URL, postgres) + THROWN_AWAY + awaiting("tried()")


@pytest.mark.parametrize("series", SERIES)
def test_asyncpg_refuses_two_statements(series: str, postgres: str) -> None:
    assert CLAIM in run(series, page("Example", postgres)).stderr
    good = run(series, page("Use instead", postgres))
    assert (good.returncode, good.stdout, good.stderr) == (0, "None\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_the_driver_itself_refuses_them(series: str, postgres: str) -> None:
    code = page("Example", postgres).replace("conn.execute(text(", "conn.exec_driver_sql((")
    assert CLAIM in run(series, code).stderr


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ413", tmp_path) == other_form("ASQ413")
