"""The same findings however flake8 is run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.plugin.running import flake8, rows
from tests.rules.kit import FIXTURES

FOLDERS = sorted(
    folder
    for folder in FIXTURES.glob("ASQ*")
    if folder.is_dir() and not any(file.read_bytes().startswith(b"# flags:") for file in folder.rglob("*.py"))
)


def all_projects(folder: Path) -> tuple[Path, list[str]]:
    """Copy the projects among the fixtures side by side, each with a root of its own."""
    for path in FOLDERS:
        shutil.copytree(path, folder / path.name)
        (folder / path.name / "setup.cfg").touch()
    return folder, sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py"))


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], list[str]]:
    folder, names = all_projects(tmp_path_factory.mktemp("projects"))
    found = sorted(rows(flake8(folder, *names, select="ASQ")))
    assert len({row.split("/")[0] for row in found}) > 4
    return folder, names, found


@pytest.mark.parametrize("arguments", [["--jobs=2"], ["--jobs=1", "."], ["--jobs=2", "."]], ids=" ".join)
def test_number_of_processes_changes_nothing(arguments: list[str], projects: tuple[Path, list[str], list[str]]) -> None:
    folder, names, found = projects
    given = arguments if "." in arguments else [*arguments, *names]
    assert sorted(rows(flake8(folder, *given, select="ASQ"))) == found


def test_order_of_files_changes_nothing(projects: tuple[Path, list[str], list[str]]) -> None:
    folder, names, found = projects
    assert sorted(rows(flake8(folder, *reversed(names), select="ASQ"))) == found


@pytest.mark.parametrize("way", ["alone", "stdin"])
def test_a_file_alone_gives_the_same(way: str, projects: tuple[Path, list[str], list[str]]) -> None:
    folder, _, found = projects
    chosen = {row.split("/")[0]: row.split(":")[0] for row in found}
    together: list[str] = []
    for name in chosen.values():
        if way == "alone":
            done = flake8(folder, name, select="ASQ")
        else:
            stdin = (folder / name).read_bytes()
            done = flake8(folder, f"--stdin-display-name={name}", "-", select="ASQ", stdin=stdin)
        together += rows(done)
    assert sorted(together) == [row for row in found if row.split(":")[0] in chosen.values()]
