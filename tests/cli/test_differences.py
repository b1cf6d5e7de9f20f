"""A printed diff, applied, gives the bytes that the fixer writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flake8_async_sqla import CACHE_DIRECTORY

CODE = (
    'from sqlalchemy.ext.asyncio import create_async_engine\n\ne = create_async_engine("postgresql+psycopg2://h/d")\n'
)
FILES = {
    "plain.py": CODE.encode(),
    "with space.py": CODE.encode(),
    "ünï.py": f'"ünï"; {CODE}'.encode(),
    "crlf.py": CODE.replace("\n", "\r\n").encode(),
    "cr.py": CODE.replace("\n", "\r").encode(),
    "mixed.py": CODE.replace("\n\n", "\r\n\r").encode(),
    "bom.py": b"\xef\xbb\xbf" + CODE.encode(),
    "latin.py": f"# -*- coding: latin-1 -*-\n# é\n{CODE}# ü".encode("latin-1"),
    "open_end.py": CODE.rstrip().encode(),
    "form_feed.py": f"\f{CODE}\f\n".encode(),
    "backslash.py": CODE.replace("e = ", "e = \\\n    ").encode(),
}


def fixer(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "flake8_async_sqla", "fix", "--isolated", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package = tmp_path / "package"
    package.mkdir()
    for name, source in FILES.items():
        (package / name).write_bytes(source)
    return tmp_path


@pytest.mark.parametrize("place", ["package", "."])
def test_patch_gives_the_same_bytes(folder: Path, place: str) -> None:
    shown = fixer(folder, "--diff", place)
    assert shown.returncode == 1
    package = folder / "package"
    assert {path.name: path.read_bytes() for path in package.iterdir()} == FILES
    applied = subprocess.run(["git", "apply", "-p0"], cwd=folder, input=shown.stdout, capture_output=True, timeout=60)
    assert (applied.returncode, applied.stderr) == (0, b"")
    patched = {path.name: path.read_bytes() for path in package.iterdir()}
    assert patched == {name: source.replace(b"psycopg2", b"asyncpg") for name, source in FILES.items()}
    for name, source in FILES.items():
        (package / name).write_bytes(source)
    assert fixer(folder, place).returncode == 0
    assert {path.name: path.read_bytes() for path in package.iterdir()} == patched


@pytest.mark.parametrize("source", FILES.values(), ids=FILES)
def test_standard_input_gives_the_same_bytes(source: bytes, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flake8_async_sqla", "fix", "--isolated", "--stdin-display-name", "src/a.py", "-"]
    done = subprocess.run(command, cwd=tmp_path, input=source, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, source.replace(b"psycopg2", b"asyncpg"))
    assert {path.name for path in tmp_path.iterdir()} <= {CACHE_DIRECTORY}
