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


def test_many_files_and_excluded_ones(sample: Path) -> None:
    (sample / "setup.cfg").write_text("[flake8]\nexclude = vendor\n", encoding="utf-8")
    names = [f"package/module_{number}.py" for number in range(400)]
    for name in (*names, "vendor/deep/app.py"):
        (sample / name).parent.mkdir(parents=True, exist_ok=True)
        (sample / name).write_text(BAD, encoding="utf-8")
    assert run(sample, "git", "add", ".").returncode == 0
    done = run(
        sample, sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "flake8-async-sqla-fix", "--all-files"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert {(sample / name).read_text(encoding="utf-8") for name in names} == {BAD.replace("psycopg2", "asyncpg")}
    assert (sample / "vendor/deep/app.py").read_text(encoding="utf-8") == BAD


def test_migration_is_run_by_hand_only(sample: Path) -> None:
    source = "from sqlalchemy.orm import Session\n\n\ndef save(db: Session):\n    db.commit()\n"
    (sample / "app.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "flake8-async-sqla-migrate", "--all-files"]
    assert "No hook with id" in run(sample, *command).stdout
    done = run(sample, *command, "--hook-stage", "manual", "--verbose")
    assert "+async def save(db: AsyncSession):" in done.stdout, done.stdout + done.stderr
    assert (sample / "app.py").read_text(encoding="utf-8") == source
