"""Modules that were dropped are taken away, although they refer to each other and the collector is spared them."""

from __future__ import annotations

import ast
import gc
import weakref
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.files import memory
from flake8_async_sqla.semantics.files import project as project_module
from flake8_async_sqla.semantics.files.project import MAX_PROJECTS, Project, project_of
from flake8_async_sqla.semantics.files.source import find_root
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


def test_only_a_few_projects_are_held(tmp_path: Path) -> None:
    settings = Settings()
    names = [tmp_path / f"project{number}" / "pyproject.toml" for number in range(MAX_PROJECTS + 1)]
    for name in names:
        name.parent.mkdir()
        name.touch()
    first, *_, last = [project_of(str(name), settings) for name in names]
    assert project_of(str(names[-1]), settings) is last
    assert project_of(str(names[0]), settings) is not first


def test_large_project_is_not_held_beside_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings()
    for name in ("large", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").touch()
    large = project_of(str(tmp_path / "large" / "app.py"), settings)
    text = "import sqlalchemy\n"
    large.take(str(tmp_path / "large" / "app.py"), ast.parse(text), text, reuse=True)
    project_of(str(tmp_path / "other" / "app.py"), settings)
    assert project_of(str(tmp_path / "large" / "app.py"), settings) is large
    monkeypatch.setattr(project_module, "MAX_HELD_BESIDE", len(text) - 1)
    project_of(str(tmp_path / "other" / "app.py"), settings)
    assert project_of(str(tmp_path / "large" / "app.py"), settings) is not large


@pytest.mark.parametrize(("files", "root"), [(["setup.py"], "app"), (["setup.py", "__init__.py"], "")])
def test_module_of_a_package_called_setup_begins_no_project(files: list[str], root: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "app").mkdir()
    for name in files:
        (tmp_path / "app" / name).touch()
    assert find_root(str(tmp_path / "app" / "models.py")) == str(tmp_path / root)
