"""What proofs share: a rule's page as a program, and its run on a series of SQLAlchemy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from flake8_async_sqla.rules import load
from tests.rules.kit import fix
from tests.rules.test_pages import section, write
from tests.sqlalchemy_versions import run

SERIES = ("2.0", "2.1")


def example(code: str, series: str, cwd: Path, after: str = "") -> subprocess.CompletedProcess[str]:
    """Run the page's example, followed by more code."""
    return run(series, section(load()[code], "Example") + after, cwd=cwd)


def use_instead(code: str, series: str, cwd: Path, after: str = "") -> subprocess.CompletedProcess[str]:
    """Run the page's other form, followed by more code."""
    return run(series, section(load()[code], "Use instead") + after, cwd=cwd)


def error(done: subprocess.CompletedProcess[str]) -> str:
    """Take the exception that ended a program: the last line that names one; empty if the program ran to its end."""
    lines = [line for line in done.stderr.splitlines() if re.match(r"[A-Za-z_][\w.]*: ", line)]
    return lines[-1] if done.returncode and lines else ""


def not_awaitable(kind: str) -> str:
    """Say that an object cannot be awaited, as this Python does: 3.14 changed the words."""
    if sys.version_info >= (3, 14):
        return f"TypeError: {kind!r} object can't be awaited"
    return f"TypeError: object {kind} can't be used in 'await' expression"


def fixed(code: str, folder: Path) -> str:
    """Fix the page's example with all that is offered."""
    return fix(write(folder, section(load()[code], "Example"), code))


def other_form(code: str) -> str:
    """Take the page's other form."""
    return section(load()[code], "Use instead")
