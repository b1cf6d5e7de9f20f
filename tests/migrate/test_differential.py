"""Random synchronous programs give the same when they are migrated and run, or are refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flake8_async_sqla.migrate.migration import ORDER, Migration
from tests.migrate.differential.grammar import program
from tests.migrate.kit import migrated

_RUN = Path(__file__).parent / "differential" / "run.py"
_SEEDS = range(14)


def _results(folder: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, str(_RUN), str(folder)], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Migration, dict[str, Any], dict[str, Any]]:
    before, after = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after")
    files = {path: code for seed in _SEEDS for path, code in program(seed).items()}
    done = migrated(before, files, ORDER)
    shutil.copytree(before, after, dirs_exist_ok=True)
    for path, (_, new) in done.files.items():
        (after / path).write_bytes(new)
    return done, _results(before), _results(after)


@pytest.mark.parametrize("package", [f"p{seed:03}" for seed in _SEEDS])
def test_same_results(package: str, programs: tuple[Migration, dict[str, Any], dict[str, Any]]) -> None:
    _, before, after = programs
    assert before[package][0] == "gives", before[package]
    assert after[package] == before[package]


def test_most_programs_are_migrated(programs: tuple[Migration, dict[str, Any], dict[str, Any]]) -> None:
    done = programs[0]
    asynchronous = [path for path, (_, new) in done.files.items() if b"async def main" in new]
    assert len(asynchronous) >= len(_SEEDS) - 1
