from __future__ import annotations

import re
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import REQUEST
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

CLAIM = r"TypeError: <async_generator object get_db at 0x\w+> is not a callable object"


@pytest.mark.parametrize("series", SERIES)
def test_application_with_a_called_dependency_does_not_start(series: str, tmp_path: Path) -> None:
    assert re.fullmatch(CLAIM, error(example("ASQ219", series, tmp_path)))
    good = use_instead("ASQ219", series, tmp_path, REQUEST)
    assert (good.returncode, good.stdout, good.stderr) == (0, "200 1\n", "")


def _example() -> str:
    return section(load()["ASQ219"], "Example")


@pytest.mark.parametrize("series", SERIES)
def test_called_context_manager_asks_for_a_query_parameter(series: str, tmp_path: Path) -> None:
    code = _example().replace("async def get_db", "@asynccontextmanager\nasync def get_db")
    done = run(series, f"from contextlib import asynccontextmanager\n{code}{REQUEST}", cwd=tmp_path)
    assert done.stdout.startswith("422 ")
    assert '"loc":["query","func"]' in done.stdout


@pytest.mark.parametrize("series", SERIES)
def test_called_override_fails_in_the_request(series: str, tmp_path: Path) -> None:
    code = _example().replace("Depends(get_db())", "Depends(get_db)")
    done = run(series, f"{code}\napp.dependency_overrides[get_db] = get_db()\n{REQUEST}", cwd=tmp_path)
    assert re.fullmatch(CLAIM, error(done))
