"""Files that the running Python cannot parse."""

from __future__ import annotations

from pathlib import Path

from tests.migrate.kit import migrated

APP = """\
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def answer():
    with Session(engine) as db:
        return db.scalar(text("SELECT 1"))
"""
NEWER = "from app import answer\n\nanswer<>()\n"


def test_nothing_changes_beside_a_file_that_may_call_it(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"app.py": APP, "newer.py": NEWER}, ("query", "loading", "flip"))
    assert done.files == {}
    [refusal] = done.plan.refusals
    assert (refusal.path, refusal.line) == ("newer.py", 3)
    assert "cannot read this file (invalid syntax)" in refusal.text
    assert "run the command with the Python of the project" in refusal.text


def test_nothing_changes_beside_a_file_that_it_imports(tmp_path: Path) -> None:
    files = {"pack/__init__.py": "", "pack/newer.py": "1 <> 2\n", "pack/app.py": f"from . import newer\n{APP}"}
    done = migrated(tmp_path, files)
    assert (done.files, [remark.path for remark in done.plan.refusals]) == ({}, ["pack/newer.py"])


def test_unread_file_that_stands_alone_is_noted(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"app.py": APP, "old.py": "import os\nprint 1\n", "tests/test_newer.py": NEWER})
    assert list(done.files) == ["app.py"]
    assert done.plan.refusals == []
    assert [remark.path for remark in done.plan.notes] == ["old.py", "tests/test_newer.py"]
