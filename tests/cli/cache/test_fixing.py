"""What `fix` takes from the cache: that nothing in a file can be fixed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flake8_async_sqla.cli import main, repair
from flake8_async_sqla.semantics.files.project import forget

_USE = """\
from sqlalchemy import select
from database import Session


async def work():
    session = Session()
    {statement}
"""
_LAZY, _MISSING = "print(1)", "session.commit()"
_ASYNC = "from sqlalchemy.ext.asyncio import AsyncSession as Session\n"
_SYNC = "from sqlalchemy.orm import Session\n"
_UNSAFE = """\
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("postgresql://localhost/app")
"""

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(command: str, *arguments: str) -> int:
        forget()
        return main([command, "--isolated", *arguments])

    return run


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were not taken from the cache."""
    found: list[str] = []
    repaired = repair.repaired

    def looked(path: str, *arguments: Any) -> Any:
        found.append(path)
        return repaired(path, *arguments)

    monkeypatch.setattr(repair, "repaired", looked)
    return found


def _write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.py").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("command", ["check", "fix"])
def test_what_an_earlier_run_found_clean_is_not_looked_at(command: str, run: Run, looked_at: list[str]) -> None:
    _write(database=_ASYNC, use=_USE.format(statement=_LAZY))
    run(command)
    looked_at.clear()
    assert run("fix") == 0
    assert looked_at == []


def test_what_can_be_fixed_is_fixed(run: Run, looked_at: list[str]) -> None:
    _write(database=_ASYNC, use=_USE.format(statement=_MISSING))
    run("check")
    assert run("fix", "--check") == 1
    assert looked_at == ["./use.py"]
    assert run("fix") == 0
    assert "await session.commit()" in Path("use.py").read_text(encoding="utf-8")


def test_what_depends_on_an_edit_is_looked_at(run: Run, looked_at: list[str]) -> None:
    _write(database=_SYNC, use=_USE.format(statement=_MISSING))
    run("fix", "--select=ASQ301")
    _write(database=_ASYNC)
    looked_at.clear()
    assert run("fix", "--check", "--select=ASQ301") == 1
    assert looked_at == ["./database.py", "./use.py"]


def test_unsafe_fixes_are_counted_without_a_look(
    run: Run, looked_at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _write(database=_UNSAFE)
    run("check")
    said = []
    for _ in range(2):
        assert run("fix", "--extend-unsafe-fixes=ASQ102") == 0
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert "1 more can be fixed with --unsafe-fixes." in said[0]
    assert looked_at == ["./database.py"]
    run("fix", "--check")
    run("fix", "--check", "--no-cache")
    assert looked_at == ["./database.py"] * 3


def test_second_run_imports_no_analysis(run: Run) -> None:
    _write(database=_ASYNC, use=_USE.format(statement=_LAZY))
    program = (
        "import sys; from flake8_async_sqla.cli import main; main(['fix', '--isolated']);"
        "names = ('flake8_async_sqla.semantics.module', 'flake8_async_sqla.rules.run', 'flake8.plugins', 'libcst');"
        "sys.exit(', '.join(name for name in names if name in sys.modules) or 0)"
    )
    command = [sys.executable, "-c", program]
    subprocess.run(command, capture_output=True, check=False)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "Nothing fixed.\n")
