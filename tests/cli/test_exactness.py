"""The same findings whatever way a file is checked: with others, alone, piped, in one process or in several."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from flake8_async_sqla.cli import main
from flake8_async_sqla.semantics.files.project import forget
from tests.cli.cache.edits import edit, start

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"


def _example(place: Path) -> None:
    shutil.copytree(EXAMPLE, place, dirs_exist_ok=True)


def _generated(seed: int) -> Callable[[Path], None]:
    def make(place: Path) -> None:
        start(place)
        random = Random(seed)
        for _ in range(20):
            edit(place, random)
        (place / "tests" / "test_app.py").unlink(missing_ok=True)

    return make


@pytest.mark.parametrize("make", [_example, *map(_generated, range(3))], ids=["example", "first", "second", "third"])
def test_same_findings(
    make: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)

    def check(*arguments: str) -> list[str]:
        forget()
        assert main(["check", "--isolated", "--no-cache", *arguments]) < 2
        return sorted(line.removeprefix("./") for line in capsysbinary.readouterr().out.decode().splitlines())

    together = check()
    assert together
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.py"))
    assert sorted(line for name in files for line in check(name)) == together
    assert check(*reversed(files)) == together
    piped = []
    for name in files:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(name).read_bytes())))
        piped += check(f"--stdin-display-name={name}", "-")
    assert sorted(piped) == together
    for jobs in ("1", "2"):
        command = [sys.executable, "-m", "flake8", "--isolated", "--select=ASQ", f"--jobs={jobs}"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        assert sorted(line.removeprefix("./") for line in said.splitlines()) == together
