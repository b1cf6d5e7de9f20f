"""Whole commands, by the CPU time that the operating system counts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

TOOL = [sys.executable, "-m", "flake8_async_sqla"]
_BROKEN = """\
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession


async def work{number}(session: AsyncSession) -> None:
"""
STATEMENTS = 20


def cpu(command: Sequence[str | Path], place: Path, *, text: str = "") -> float:
    """Run a command to its end and return the seconds of CPU that it and its children took.

    Args:
        command: The command.
        place: Its working directory.
        text: Its standard input.

    Raises:
        SystemExit: It ended with 2 or more, which none does that did its work.
    """
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=place,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(place),
    )
    assert process.stdin is not None
    with process.stdin as stream:
        stream.write(text.encode())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(map(str, command[:6]))} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def environment(place: Path) -> dict[str, str]:
    """Return environment variables with which Python keeps the bytecode that it compiles."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", str(place.parent / "bytecode"))}


def much_to_fix(place: Path, modules: int) -> int:
    """Write modules in which every other statement lacks its ``await``.

    Returns:
        How many statements can be fixed.
    """
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for number in range(modules):
        body = "    session.commit()\n    value = 1\n" * STATEMENTS
        (place / f"module{number}.py").write_text(_BROKEN.format(number=number) + body, encoding="utf-8")
    return modules * STATEMENTS
