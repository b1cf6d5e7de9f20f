"""The process that runs programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[3]
_MODULE = "flake8_async_sqla.dev.differential.worker"


@dataclass(frozen=True)
class Run:
    """One run of a program.

    Attributes:
        error: ``MissingGreenlet``, ``DetachedInstanceError``, ``InvalidRequestError`` for a read that failed, ``other``
            for anything else, empty if it ran to its end.
        text: The exception.
        at: The program's lines that the exception went through, outermost first.
        lines: All lines of statements that were begun.
    """

    error: str
    text: str
    at: tuple[int, ...]
    lines: frozenset[int]


class Worker:
    """A process with one series of SQLAlchemy.

    Attributes:
        series: The series: ``2.0`` or ``2.1``.
    """

    def __init__(self, path: str = "") -> None:
        """Start it.

        Args:
            path: The directory that holds SQLAlchemy; empty for the one that is installed.
        """
        self._path = path
        self._begin()

    def _begin(self) -> None:
        search = os.pathsep.join(filter(None, [self._path, str(ROOT)]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": search, "PYTHONHASHSEED": "0"},
        )
        assert self._process.stdout
        self.series = self._process.stdout.readline().strip()

    def __enter__(self) -> Worker:
        """Use it in a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._end()

    def _end(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.kill()  # it has answered; a connection that a program left open would keep it alive
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def start(self, source: str, rows: int = 0) -> None:
        """Begin to run a program, once for each value of its flag if it looks at it.

        Args:
            source: The program.
            rows: Which rows the tables hold.
        """
        assert self._process.stdin
        flags = [True, False] if "if flag" in source or "if not flag" in source else [True]
        self._process.stdin.write(json.dumps([source, flags, rows]) + "\n")
        self._process.stdin.flush()

    def run(self, source: str, rows: int = 0) -> list[Run]:
        """Run a program and wait for it; the arguments are those of `start`, the answer is that of `finish`."""
        self.start(source, rows)
        return self.finish()

    def finish(self) -> list[Run]:
        """Wait for the program that was started last.

        Returns:
            Its runs.

        Raises:
            ValueError: The program is wrong: it cannot be imported, its models cannot be mapped, or it takes too long.
        """
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self._end()
            self._begin()
            raise ValueError("it took too long")
        answer = json.loads(line)
        if isinstance(answer, str):
            raise ValueError(answer)
        return [Run(item["error"], item["text"], tuple(item["at"]), frozenset(item["lines"])) for item in answer]
