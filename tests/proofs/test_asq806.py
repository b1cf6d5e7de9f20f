from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, fixed, other_form
from tests.proofs.testing import pytest_run
from tests.proofs.tools import installed_tools
from tests.rules.test_pages import section

CLAIM = "'test_count' requested an async fixture 'session', with no plugin or hook that handled it"
BEFORE = "AttributeError: 'async_generator' object has no attribute"
OLDER = ("pytest==8.3.5", "pytest-asyncio==0.26.0")


@pytest.mark.parametrize("series", SERIES)
def test_strict_mode_leaves_the_fixture_alone(series: str, tmp_path: Path) -> None:
    file = tmp_path / "test_app.py"
    file.write_text(section(load()["ASQ806"], "Example"))
    bad = pytest_run(series, tmp_path)
    assert (bad.returncode, CLAIM in bad.stdout) == (1, True), bad.stdout
    file.write_text(other_form("ASQ806"))
    assert "1 passed" in pytest_run(series, tmp_path).stdout


def test_older_pytest_gives_the_generator(tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(section(load()["ASQ806"], "Example"))
    bad = pytest_run("2.0", tmp_path, tools=installed_tools(OLDER))
    assert (bad.returncode, BEFORE in bad.stdout) == (1, True), bad.stdout


@pytest.mark.parametrize("series", SERIES)
def test_automatic_mode_runs_it(series: str, tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(section(load()["ASQ806"], "Example"))
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    assert "1 passed" in pytest_run(series, tmp_path).stdout


def test_fix_takes_the_fixture_of_the_plugin(tmp_path: Path) -> None:
    assert fixed("ASQ806", tmp_path) == other_form("ASQ806")
