"""Run real flake8 in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

IMPORT = "from sqlalchemy.ext.asyncio import create_async_engine\n"
BAD = 'engine = create_async_engine("postgresql+psycopg2://u:p@h/db")\n'


def flake8(
    folder: Path,
    *arguments: str,
    select: str = "ASQ,E9",
    jobs: int = 1,
    stdin: bytes | None = None,
    python: tuple[str, ...] = ("-m", "flake8"),
) -> subprocess.CompletedProcess[str]:
    """Run flake8 in a folder that is a project of its own.

    Args:
        folder: Where to run.
        arguments: More arguments: paths, options.
        select: The codes to report; empty leaves the option out.
        jobs: Number of processes.
        stdin: Bytes to give on standard input.
        python: How flake8 is started.
    """
    (folder / "pyproject.toml").touch()
    chosen = [f"--select={select}"] if select else []
    command = [sys.executable, *python, "--isolated", *chosen, f"--jobs={jobs}", *arguments]
    done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, timeout=300)
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def rows(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Take ``path:line:column code`` out of the output, and fail on a traceback."""
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    places = (line.removeprefix("./").split(": ", 1) for line in done.stdout.splitlines())
    return [f"{place} {message.split(' ')[0]}" for place, message in places]


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Take the codes out of the output, and fail on a traceback."""
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return [line.split(": ", 1)[1].split(" ")[0] for line in done.stdout.splitlines()]


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
