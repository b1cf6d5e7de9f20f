from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, example, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import installed

CLAIM = 'error: No overload variant of "sessionmaker" matches argument types'
USE = """

async def ping() -> None:
    async with factory() as session:
        await session.close()
"""


def type_errors(source: str, series: str, folder: Path) -> str:
    """Check a program with mypy against a series of SQLAlchemy."""
    path = folder / "app.py"
    path.write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={folder / 'cache'}", "app.py"]
    environment = {**os.environ, "PYTHONPATH": str(installed(series))}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=300)
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("app.py")) + done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_type_checker_refuses_the_old_way(series: str, tmp_path: Path) -> None:
    page = load()["ASQ902"]
    assert CLAIM in type_errors(section(page, "Example"), series, tmp_path)
    without_engine = section(page, "Example").replace("sessionmaker(engine, ", "sessionmaker(") + USE
    assert '"Session" has no attribute "__aenter__"' in type_errors(without_engine, series, tmp_path)
    assert type_errors(section(page, "Use instead") + USE, series, tmp_path) == ""


@pytest.mark.parametrize("series", SERIES)
def test_both_ways_run(series: str, tmp_path: Path) -> None:
    after = USE + "\nimport asyncio\nasyncio.run(ping())\n"
    for done in (example("ASQ902", series, tmp_path, after), use_instead("ASQ902", series, tmp_path, after)):
        assert (done.returncode, done.stderr) == (0, "")
