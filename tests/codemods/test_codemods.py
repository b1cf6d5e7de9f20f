from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from libcst.codemod import CodemodContext

from flake8_async_sqla import codemods
from flake8_async_sqla.codemods import FixAll, Migrate
from flake8_async_sqla.rules import load

BAD = """\
from sqlalchemy.ext.asyncio import create_async_engine

one = create_async_engine("postgresql+psycopg2://localhost/app")  # keep me
two = create_async_engine("postgresql+psycopg2://localhost/app")  # noqa: ASQ102
"""
GOOD = BAD.replace("psycopg2", "asyncpg", 1)


def codemod(command: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    tool = [sys.executable, "-m", "libcst.tool", "codemod", "-x", f"flake8_async_sqla.codemods.{command}"]
    line = [*tool, str(folder), "--no-format", "--hide-progress", *options]
    return subprocess.run(line, cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    for name in ("a.py", "b.py", "pkg/c.py"):
        (tmp_path / name).write_text(BAD, encoding="utf-8")
    (tmp_path / "windows.py").write_bytes(b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode())
    return tmp_path


@pytest.mark.parametrize("options", [["-j", "1"], ["-j", "2"], ["-j", "2", "--unsafe-fixes"]])
def test_every_file_is_fixed(folder: Path, options: list[str]) -> None:
    done = codemod("FixAll", folder, *options)
    assert done.returncode == 0, done.stderr
    assert [(folder / name).read_text(encoding="utf-8") for name in ("a.py", "b.py", "pkg/c.py")] == [GOOD] * 3
    assert (folder / "windows.py").read_bytes() == b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()


def test_families_are_told_apart(folder: Path) -> None:
    assert codemod("FixSessions", folder).returncode == 0
    assert (folder / "a.py").read_text(encoding="utf-8") == BAD
    assert codemod("FixEngines", folder).returncode == 0
    assert (folder / "a.py").read_text(encoding="utf-8") == GOOD


def test_each_family_has_a_command() -> None:
    commands = [kind for kind in vars(codemods).values() if isinstance(kind, type) and issubclass(kind, FixAll)]
    families = sorted(family for kind in commands if kind is not FixAll for family in kind.FAMILIES)
    assert families == sorted({code[:4] for code, rule in load().items() if not rule.opinion})


def test_configuration_of_flake8_counts(folder: Path) -> None:
    (folder / "setup.cfg").write_text("[flake8]\nper-file-ignores = a.py:ASQ1\n", encoding="utf-8")
    codemod("FixAll", folder)
    assert (folder / "a.py").read_text(encoding="utf-8") == BAD
    assert (folder / "b.py").read_text(encoding="utf-8") == GOOD


def test_file_that_libcst_would_damage_is_left_alone(folder: Path) -> None:
    source = f"x = 1\n\x0c{BAD}"
    (folder / "a.py").write_text(source, encoding="utf-8")
    done = codemod("FixAll", folder)
    assert "LibCST does not reproduce the file" in done.stdout + done.stderr
    assert (folder / "a.py").read_text(encoding="utf-8") == source
    assert (folder / "b.py").read_text(encoding="utf-8") == GOOD


def test_whole_project_is_planned_before_the_first_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "crud.py").write_text(
        "from sqlalchemy.orm import Session\n\n\ndef save(db: Session):\n    db.commit()\n", encoding="utf-8"
    )
    (tmp_path / "main.py").write_text("import crud\n\n\ndef store(db):\n    crud.save(db)\n", encoding="utf-8")
    done = codemod("Migrate", tmp_path, "--project", ".", "-j", "1")
    assert done.returncode == 0, done.stderr
    assert "async def save(db: AsyncSession):\n    await db.commit()\n" in (tmp_path / "crud.py").read_text("utf-8")
    assert "async def store(db):\n    await crud.save(db)\n" in (tmp_path / "main.py").read_text("utf-8")


def test_a_migration_in_several_processes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiprocessing.parent_process", object)
    with pytest.raises(ValueError, match="-j 1"):
        Migrate(CodemodContext())
