"""Files that cannot be read, and links."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.cli.migrate import lint
from flake8_async_sqla.fixes.write import NotWritten
from flake8_async_sqla.migrate.migration import Migration, migrate
from flake8_async_sqla.migrate.write import write_all
from flake8_async_sqla.semantics.settings import Settings
from tests.migrate.kit import migrated, write

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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"from app import answer\nx = '\xff'\n", "codec can't decode byte 0xff"),
        (b"# -*- coding: klingon -*-\nfrom app import answer\n", "unknown encoding: klingon"),
        (b"from app import answer\nx = " + b"+".join([b"1"] * 50_000) + b"\n", "nested too deeply"),
        (b"from app import answer\n" + b"#" * 2_000_000, "the file is larger than 2000000 bytes"),
    ],
)
def test_nothing_changes_beside_what_cannot_be_read(tmp_path: Path, content: bytes, reason: str) -> None:
    write(tmp_path, {"app.py": APP})
    (tmp_path / "caller.py").write_bytes(content)
    done = migrate(str(tmp_path), ["app.py", "caller.py"], ("flip",), Settings(), lint)
    assert done.files == {}
    assert [remark.path for remark in done.plan.refusals] == ["caller.py"]
    assert reason in done.plan.refusals[0].text


def _linked(root: Path) -> Migration:
    write(root, {"app.py": APP})
    (root / "link.py").symlink_to("app.py")
    return migrate(str(root), ["app.py", "link.py"], ("flip",), Settings(), lint)


def test_link_and_its_file_are_written_once(tmp_path: Path) -> None:
    done = _linked(tmp_path)
    write_all(tmp_path, done.files)
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "app.py").read_bytes() == done.files["app.py"][1] == done.files["link.py"][1]


def test_link_that_would_become_something_else_is_not_written(tmp_path: Path) -> None:
    done = _linked(tmp_path)
    old, new = done.files["link.py"]
    with pytest.raises(NotWritten, match="one file, which would become two different ones"):
        write_all(tmp_path, {**done.files, "link.py": (old, new + b"#")})
    assert (tmp_path / "app.py").read_bytes() == old
