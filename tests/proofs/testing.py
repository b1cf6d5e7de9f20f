"""Test suites that the real pytest and pytest-asyncio run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.proofs.tools import PYTEST, installed_tools
from tests.sqlalchemy_versions import run

_COMMAND = "import sys, pytest; sys.exit(pytest.main(['-p', 'no:cacheprovider', '-q', *sys.argv[1:]]))"


def pytest_run(
    series: str, folder: Path, *arguments: str, tools: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the tests in a folder, with a configuration file so that pytest looks no further.

    Args:
        series: The series of SQLAlchemy.
        folder: The folder.
        arguments: pytest's command line.
        tools: Where other releases of pytest and pytest-asyncio are installed.
    """
    settings = folder / "pytest.ini"
    if not settings.exists():
        settings.write_text("[pytest]\n")
    return run(series, _COMMAND, *arguments, cwd=folder, timeout=120, paths=(tools or installed_tools(PYTEST), folder))
