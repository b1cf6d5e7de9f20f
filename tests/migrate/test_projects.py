"""Whole projects, migrated by the command: the results are compared, and their own tests are run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_PROJECTS = Path(__file__).parent / "projects"
_GREEN = ["-W", "error::RuntimeWarning", "-W", "error::pytest.PytestUnraisableExceptionWarning"]


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.py"))}


def _migrate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flake8_async_sqla", "migrate", *arguments]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


def _run_tests(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", *_GREEN, "tests"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "-p", "anyio"], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return shutil.copytree(_PROJECTS / "shop" / "before", tmp_path / "shop")


def test_shop_is_migrated_and_its_tests_still_pass(shop: Path) -> None:
    _run_tests(shop)
    done = _migrate(shop, "shop", "--tests", "tests", "--write")
    assert done.returncode == 0, done.stderr
    assert _files(shop) == _files(_PROJECTS / "shop" / "after")
    _run_tests(shop)
    again = _migrate(shop, "shop", "--tests", "tests")
    assert (again.returncode, again.stdout) == (0, "")


def test_diff_is_the_default_and_writes_nothing(shop: Path) -> None:
    before = _files(shop)
    done = _migrate(shop, "shop", "--tests", "tests")
    assert done.returncode == 1
    assert "+async def by_name(db: AsyncSession, name: str):\n" in done.stdout
    assert _files(shop) == before


@pytest.mark.parametrize("stage", ["query", "loading"])
def test_early_stages_leave_a_synchronous_program_whose_tests_pass(shop: Path, stage: str) -> None:
    before = _files(shop)
    assert _migrate(shop, "shop", "--tests", "tests", "--stage", stage, "--write").returncode == 0
    assert _files(shop) != before
    assert not any(b"async" in source for source in _files(shop).values())
    _run_tests(shop)
    assert _migrate(shop, "shop", "--tests", "tests", "--stage", stage).stdout == ""


def test_reports(shop: Path) -> None:
    assert _migrate(shop, "shop", "--tests", "tests", "--report", "report.json").returncode == 1
    report = json.loads((shop / "report.json").read_text(encoding="utf-8"))
    assert {"path": "shop/crud.py", "line": 19, "text": "add -> Session.commit"} in report["coloured"]
    assert [remark["text"] for remark in report["bridges"]] == ["asyncio.run() runs report()"]
    assert report["refused"] == []
    assert _migrate(shop, "shop", "--tests", "tests", "--report", "report.md").returncode == 1
    text = (shop / "report.md").read_text(encoding="utf-8")
    assert "- `shop/models.py:12`: Customer.orders is loaded with lazy='selectin', for schema CustomerOut\n" in text


def test_what_hangs_together_with_a_refusal_stays_as_it_is(tmp_path: Path) -> None:
    folder = shutil.copytree(_PROJECTS / "refused" / "before", tmp_path / "refused")
    before = _files(folder)
    done = _migrate(folder, "app", "alone", "--write")
    assert done.returncode == 1
    assert "app/thing.py:13: in the way: Session.scalar in count(): it is a property" in done.stderr
    after = _files(folder)
    assert {path for path in before if before[path] != after[path]} == {"alone/ping.py"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere: there is no such file or directory"),
        (["shop", "--write", "--report", "nowhere/report.md"], "--report: 'nowhere/report.md' cannot be written"),
        (["shop", "--report", "report.txt"], "--report: 'report.txt' does not end with .html, .md, .json"),
        (["shop", "--driver", "postgresql=psycopg2"], "--driver: 'psycopg2' is no async driver of 'postgresql'"),
        (["shop", "--driver", "asyncpg"], "--driver: 'asyncpg' is not of the form postgresql=asyncpg"),
        (["shop", "--diff", "--write"], "not allowed with argument"),
    ],
)
def test_wrong_use(shop: Path, arguments: list[str], words: str) -> None:
    done = _migrate(shop, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
