from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.dev.ladder.command import main
from tests.migrate.kit import write

APP = """\
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def one():
    with Session(engine) as session:
        return session.scalar(text("SELECT 1"))
"""
TESTS = """\
from docs_src.sql_databases.app import one


def test_one():
    assert one() == 1


def test_two():
    assert one() == 2
"""


def _project(root: Path, app: str) -> Path:
    tests = "tests/test_tutorial/test_sql_databases/test_app.py"
    write(root, {"docs_src/sql_databases/app.py": app, tests: TESTS, "other.py": "1 / 0\n"})
    return root


def test_tests_before_and_after(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path / "project", APP)
    assert main(["L1", str(project), "--keep", str(tmp_path / "kept")]) == 0
    assert "| L1 | 1/2 | 1/2 | 0 | 1 | 2 | 0 | empty | " in capsys.readouterr().out
    assert (project / "docs_src/sql_databases/app.py").read_text(encoding="utf-8") == APP
    kept = tmp_path / "kept"
    assert "async def one" in (kept / "docs_src/sql_databases/app.py").read_text(encoding="utf-8")
    assert (kept / "migration.json").exists()
    assert not (kept / "other.py").exists()


def test_refusal_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path / "project", f"{APP}\n\nclass Count:\n    def __len__(self):\n        return one()\n")
    assert main(["L1", str(project)]) == 0
    assert "| L1 | 1/2 | 1/2 | 0 | 0 | 0 | 2 | empty | " in capsys.readouterr().out


def test_another_directory(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"does not look like github\.com/fastapi/fastapi$"):
        main(["L1", str(tmp_path)])
