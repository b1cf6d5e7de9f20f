"""What is left out because it can hold no finding holds none: every fixture with all gates open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flake8_async_sqla.semantics import gate
from tests.rules.kit import lint, lint_folder, markers
from tests.rules.test_fixtures import FILES, FOLDERS, alone


@pytest.fixture(autouse=True)
def _open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "on", False)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_same_findings(path: Path, tmp_path: Path) -> None:
    copy = alone(path, tmp_path)
    assert lint(copy) == markers(copy)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_same_findings_in_a_project(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "project"))
    assert lint_folder(copy) == sorted(place for path in copy.rglob("*.py") for place in markers(path, copy))
