"""Objects that tests put in the place of the project's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import migrated

DB = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///app.db")


def count():
    with Session(engine) as session:
        return session.scalar("select 1")


class Holder:
    engine = create_engine("sqlite://")
"""
TEST = """\
from unittest import mock

import pytest
from pytest import MonkeyPatch
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

import db
import other_library


@pytest.fixture
def {given}:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    {call}


def test_count({given}):
    assert db.count() == 1
"""


@pytest.mark.parametrize(
    ("given", "call"),
    [
        ("monkeypatch", 'monkeypatch.setattr(db, "engine", engine)'),
        ("patch: MonkeyPatch", 'patch.setattr(db, "engine", engine, raising=True)'),
        ("monkeypatch", 'monkeypatch.setattr(db.Holder, "engine", engine)'),
        ("patching", 'mock.patch.object(db, "engine", engine).start()'),
    ],
)
def test_engines_that_take_the_place_of_another(tmp_path: Path, given: str, call: str) -> None:
    done = migrated(tmp_path, {"db.py": DB, "test_db.py": _test(given, call)})
    assert done.plan.refusals == []
    after = done.files["test_db.py"][1].decode()
    assert 'engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)' in after
    assert call in after


@pytest.mark.parametrize(
    ("given", "call"),
    [
        ("monkeypatch", 'monkeypatch.setattr(other_library, "engine", engine)'),
        ("monkeypatch", 'monkeypatch.setattr(db, "unknown", engine)'),
        ("monkeypatch", 'monkeypatch.setattr(db, "count", engine)'),
        ("anything", 'anything.setattr(db, "engine", engine)'),
        ("patching", 'mock.patch.object(other_library, "engine", engine).start()'),
    ],
)
def test_engines_that_others_may_use(tmp_path: Path, given: str, call: str) -> None:
    done = migrated(tmp_path, {"db.py": DB, "test_db.py": _test(given, call)})
    assert any("may use it as one" in refusal.text for refusal in done.plan.refusals)
    assert "test_db.py" not in done.files


def _test(given: str, call: str) -> str:
    name = given.partition(":")[0]
    return TEST.replace("def {given}:", f"def patched({given}):").replace("{given}", name).replace("{call}", call)
