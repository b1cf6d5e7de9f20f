from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

POOL = """

async def checked_out():
    await ping()
    return engine.pool.checkedout()
"""
WARNING = "RuntimeWarning: coroutine '{}.close' was never awaited"
PROGRAM = """
import copy
from contextlib import closing


async def other():
    async with AsyncSession(engine) as session:
        FORM
"""


@pytest.mark.parametrize("series", SERIES)
def test_closing_closes_nothing(series: str, tmp_path: Path) -> None:
    kept = "\n\nkept = []\n\n\nclass AsyncSession(AsyncSession):\n    def __init__(self, *args):\n"
    kept += "        super().__init__(*args)\n        kept.append(self)\n"
    bad = example("ASQ412", series, tmp_path, kept + POOL + awaiting("checked_out()"))
    assert (bad.returncode, bad.stdout) == (0, "1\n")
    assert WARNING.format("AsyncSession") in bad.stderr
    good = use_instead("ASQ412", series, tmp_path, kept + POOL + awaiting("checked_out()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "0\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_connections_are_not_closed_either(series: str, tmp_path: Path) -> None:
    form = "with closing(await engine.connect()) as conn:\n            print(conn.closed)\n        print(conn.closed)"
    code = section(load()["ASQ412"], "Use instead") + PROGRAM.replace("FORM", form) + awaiting("other()")
    done = run(series, code, cwd=tmp_path)
    assert done.stdout.splitlines()[:2] == ["False", "False"]
    assert WARNING.format("AsyncConnection") in done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_a_copy_shares_the_session_inside(series: str, tmp_path: Path) -> None:
    form = "print(copy.copy(session).sync_session is session.sync_session)"
    code = section(load()["ASQ412"], "Use instead") + PROGRAM.replace("FORM", form) + awaiting("other()")
    assert run(series, code, cwd=tmp_path).stdout == "True\nNone\n"


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("name", ["session", "engine"])
def test_deep_copies_fail(series: str, name: str, tmp_path: Path) -> None:
    form = f"copy.deepcopy({name})"
    code = section(load()["ASQ412"], "Use instead") + PROGRAM.replace("FORM", form) + awaiting("other()")
    assert "TypeError: cannot pickle" in error(run(series, code, cwd=tmp_path))


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ412", tmp_path).lstrip("\n") == other_form("ASQ412")
