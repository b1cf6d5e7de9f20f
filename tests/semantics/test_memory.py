"""Modules that were dropped are taken away, although they refer to each other and the collector is spared them."""

from __future__ import annotations

import ast
import gc
import weakref
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.files import memory
from flake8_async_sqla.semantics.files.project import Project
from flake8_async_sqla.semantics.settings import Settings


def test_dropped_modules_are_taken_away_where_much_lies_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_UNSEEN", 0)
    monkeypatch.setattr(memory, "_bound", 0)
    project = Project(str(tmp_path), Settings())
    text, path = "import sqlalchemy\n", str(tmp_path / "app.py")
    with memory.uncollected():
        first = weakref.ref(project.take(path, ast.parse(text), text, reuse=False))
    with memory.uncollected():
        project.take(path, ast.parse(text), text, reuse=False)
    assert first() is None


def test_little_is_left_to_the_collector_s_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_unseen", 0)
    before = gc.get_stats()[2]["collections"]
    memory.release(memory.MAX_UNSEEN)
    assert gc.get_stats()[2]["collections"] == before
