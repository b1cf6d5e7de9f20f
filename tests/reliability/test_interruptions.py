"""Files survive a fixer that is killed, and two fixers at once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

OLD = (
    b"""\
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("postgresql+psycopg2://localhost/app")
"""
    + b"# line\n" * 20_000
)
NEW = OLD.replace(b"psycopg2", b"asyncpg")
FILES = 8
CACHE = ".flake8_async_sqla_cache"


def tree(folder: Path) -> list[Path]:
    paths = [folder / f"module{number}.py" for number in range(FILES)]
    for path in paths:
        path.write_bytes(OLD)
    return paths


def fixer(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "flake8_async_sqla", "fix", "--isolated", "."]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_killed_fixer_leaves_whole_files(tmp_path: Path) -> None:
    interrupted = 0
    for attempt in range(4):
        paths = tree(tmp_path)
        process = fixer(tmp_path)
        while process.poll() is None and not any(path.stat().st_size != len(OLD) for path in paths):
            time.sleep(0.002)
        time.sleep(0.01 * attempt)
        process.kill()
        process.communicate()
        contents = [path.read_bytes() for path in paths]
        assert set(contents) <= {OLD, NEW}
        interrupted += {OLD, NEW} == set(contents)
        for rest in tmp_path.glob(".*.tmp"):
            rest.unlink()
    assert interrupted, "no run was stopped half-way: the test shows nothing"


def test_two_fixers_at_once_corrupt_nothing(tmp_path: Path) -> None:
    paths = tree(tmp_path)
    both = [fixer(tmp_path), fixer(tmp_path)]
    for process in both:
        _, errors = process.communicate(timeout=120)
        assert process.returncode in (0, 2), errors
        assert b"Traceback" not in errors
    assert {path.read_bytes() for path in paths} == {NEW}
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths} | {CACHE}
    assert not list(tmp_path.rglob("*.tmp"))
    after = fixer(tmp_path)
    after.communicate(timeout=120)
    assert after.returncode == 0
