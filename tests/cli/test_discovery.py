"""Our way to find files finds what flake8's finds."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
from flake8.discover_files import expand_paths

from flake8_async_sqla.cli.discovery import listed

FILES = (
    "app.py",
    "app.pyi",
    "build/made.py",
    "src/a.py",
    "src/.hidden/b.py",
    "src/build.py",
    "src/deep/c.py",
    "tests/[x].py",
)
PATHS: tuple[list[str], ...] = (
    [],
    ["."],
    ["src"],
    ["src/"],
    ["./src", "app.pyi"],
    ["missing.py"],
    ["-"],
    ["src/../build"],
    ["build/made.py", "src/deep"],
)
EXCLUDED: tuple[list[str], ...] = (
    [],
    [".*", "build"],
    ["deep"],
    ["*/deep/*"],
    ["src/deep"],
    ["build.py", "[[]x].py"],
    ["missing.py", "stdin.py"],
    ["*"],
)


@pytest.mark.parametrize("filenames", PATHS)
@pytest.mark.parametrize("exclude", EXCLUDED)
@pytest.mark.parametrize("patterns", [["*.py"], ["*.pyi", "*/c.py"], []])
@pytest.mark.parametrize("stdin", ["stdin", "src/stdin.py"])
def test_same_files(
    filenames: list[str],
    exclude: list[str],
    patterns: list[str],
    stdin: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "round.py").symlink_to("round.py")
    (tmp_path / "nowhere.py").symlink_to("missing.py")
    (tmp_path / "linked.py").symlink_to("app.py")
    (tmp_path / "src" / "again").symlink_to(tmp_path / "src")
    # flake8 makes patterns with a slash absolute when it parses its options.
    exclude = [str(tmp_path / pattern) if "/" in pattern else pattern for pattern in exclude]
    options = Namespace(
        filenames=filenames, exclude=exclude, extend_exclude=[], filename=patterns, stdin_display_name=stdin
    )
    expected = expand_paths(paths=filenames, stdin_display_name=stdin, filename_patterns=patterns, exclude=exclude)
    assert listed(options) == sorted(expected)
