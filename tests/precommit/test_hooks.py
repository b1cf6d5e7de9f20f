from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BAD = """\
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("postgresql+psycopg2://localhost/app")  # keep me
"""
CONFIGURATION = """\
[flake8]
select = E9
async-sqla-drivers = postgresql=psycopg
"""


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "app.py").write_text(BAD, encoding="utf-8")
    (folder / "setup.cfg").write_text(
        "[flake8]\nselect = E9\nasync-sqla-drivers = postgresql=psycopg\n", encoding="utf-8"
    )
    assert run(folder, "git", "init", "-q").returncode == 0
    assert run(folder, "git", "add", ".").returncode == 0
    return folder


def test_hooks_lint_and_repair_a_repository(sample: Path) -> None:
    pre_commit = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "--all-files", "--verbose"]

    first = run(sample, *pre_commit)
    assert first.returncode == 1, first.stdout + first.stderr
    assert "app.py:3:" in first.stdout
    assert "ASQ1" in first.stdout
    assert "files were modified by this hook" in first.stdout
    assert (sample / "app.py").read_text(encoding="utf-8") == BAD.replace("psycopg2", "psycopg")

    second = run(sample, *pre_commit)
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout.count("Passed") == 2
