"""Every fixture through the whole matrix: markers, noqa, fix, fix twice."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.kit import FIXTURES, fix, lint, lint_folder, markers

FILES = sorted(path for path in FIXTURES.glob("ASQ*.py") if not path.name.endswith(".fixed.py"))
FOLDERS = sorted(path for path in FIXTURES.glob("ASQ*") if path.is_dir())
FIXED = [path for path in FILES if path.with_suffix(".fixed.py").exists()]


def alone(path: Path, folder: Path) -> Path:
    """Copy a fixture to a folder of its own, so that fixtures cannot see each other."""
    return Path(shutil.copy(path, folder / "app.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_findings_are_exactly_the_marked_ones(path: Path, tmp_path: Path) -> None:
    copy = alone(path, tmp_path)
    assert [(place.line, place.code) for place in lint(copy)] == [(place.line, place.code) for place in markers(copy)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_findings_of_a_project_are_exactly_the_marked_ones(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "project"))
    assert lint_folder(copy) == sorted(place for path in copy.rglob("*.py") for place in markers(path, copy))


@pytest.mark.parametrize("path", FIXED, ids=lambda path: path.stem)
def test_fixes_give_the_expected_source_and_settle(path: Path, tmp_path: Path) -> None:
    copy = alone(path, tmp_path)
    result = fix(copy)
    assert result == path.with_suffix(".fixed.py").read_text(encoding="utf-8")
    ast.parse(result)
    assert fix(copy) == result


def test_noqa_silences_every_fixture(tmp_path: Path) -> None:
    expected = 0
    for path in FILES:
        source = re.sub(r"#\s*((?:ASQ\d{3}\s*)+)$", r"# noqa: \1", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        expected += source.count("# noqa: ASQ")
        folder = tmp_path / path.stem
        folder.mkdir()
        (folder / "app.py").write_text(source, encoding="utf-8")
    assert expected
    command = [sys.executable, "-m", "flake8", "--isolated", "--select=ASQ", "--jobs=1", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    flagged = {path.stem for path in FILES if path.read_text(encoding="utf-8").startswith("# flags:")}
    lines = [line for line in run.stdout.splitlines() if Path(line.split(":")[0]).parent.name not in flagged]
    assert (lines, run.stderr) == ([], "")
