"""The code blocks of README and documentation: what they are, and what the commands in them really print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from flake8_async_sqla.dev.readme import ROOT

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"<!-- commands run in (\S+) -->")
_COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_VARYING = re.compile(r"(?<= in )\d+\.\d+s")
_APP = 'from sqlalchemy.ext.asyncio import create_async_engine\n\nengine = create_async_engine("postgresql://app")\n'
# Run elsewhere: what installs is run by CI, the others would change this repository.
_NOT_HERE = re.compile(
    r"(python3 -m venv|\.venv/bin/|pip install|npm ci|towncrier|DOCUMENTATION="
    r"|python -m (flake8_async_sqla\.dev|benchmarks))\b"
)


class Block(NamedTuple):
    """A fenced block.

    Attributes:
        page: The path of its page, from the repository's root.
        line: The line of its first fence.
        language: What stands behind the fence.
        text: What is between the fences.
    """

    page: str
    line: int
    language: str
    text: str


def pages() -> list[Path]:
    """Return the pages that people write; those of the rules are tested as rules."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """Find the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(str(page.relative_to(ROOT)), line, found["language"], found["text"])


@contextmanager
def place(page: Path) -> Iterator[Path]:
    """Make the directory in which a page's commands run: a copy of what the page names, or a small project."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        if named := _PLACE.search(page.read_text(encoding="utf-8")):
            shutil.copytree(ROOT / named[1], project, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            for name, text in {"pyproject.toml": "", "src/app.py": _APP, "tests/test_app.py": ""}.items():
                (project / name).parent.mkdir(parents=True, exist_ok=True)
                (project / name).write_text(text, encoding="utf-8")
        yield project


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a command as a reader would.

    Args:
        command: A line for the shell.
        folder: The directory to run it in.

    Returns:
        The exit code, and what it prints.
    """
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    plain = {"NO_COLOR": "1", "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **plain, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def commands(text: str) -> list[str]:
    """List the commands of a block of shell that can be run here, one for each line."""
    lines = [line.partition("  #")[0].strip() for line in text.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line and not line.startswith("#") and not _NOT_HERE.match(line)]


def played(page: Path) -> str:
    """Run the commands of a page's ``console`` blocks, in the order of the page.

    Returns:
        The page with what they print; how long something took stays as it is.
    """
    with place(page) as folder:

        def printed(found: re.Match[str]) -> str:
            if _NOT_HERE.match(found[1]):
                return found[0]
            code, output = run(found[1], folder)
            if code > 1:
                raise RuntimeError(f"{found[1]}: {output}")
            same = _VARYING.sub("", output) == _VARYING.sub("", found[2])
            return found[0] if same else f"$ {found[1]}\n{output}"

        def block(found: re.Match[str]) -> str:
            if found["language"] != "console":
                return found[0]
            return found[0].replace(found["text"], _COMMAND.sub(printed, found["text"]))

        return _FENCE.sub(block, page.read_text(encoding="utf-8"))


def rewrite() -> None:
    """Let every page show what its commands really print."""
    for page in pages():
        if (text := played(page)) != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            print(page.relative_to(ROOT))
