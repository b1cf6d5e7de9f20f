"""A finding as flake8's formatters take it, with what ours need besides."""

from __future__ import annotations

import os

from flake8.formatting.base import BaseFormatter
from flake8.violation import Violation

from flake8_async_sqla.cli.reported import File, Reported


class Problem(Violation):
    """A violation that knows its finding.

    Attributes:
        item: The finding with its range.
        file: The file that holds it.
    """

    item: Reported
    file: File

    @classmethod
    def of(cls, item: Reported, file: File) -> Problem:
        """Make the violation of a finding."""
        row = file.lines[item.line - 1] if item.line <= len(file.lines) else ""
        code, message = item.finding.code, item.finding.message
        made = cls(code, file.name, item.line, item.column, message, row)
        made.item, made.file = item, file
        return made


class OwnFormatter(BaseFormatter):
    """A formatter that sees what flake8's do not; it is given `Problem` only.

    Attributes:
        shows_fixes: Whether it builds the fixes of findings, for which they must be found anew.
    """

    shows_fixes = True

    def start(self) -> None:
        """Begin the file of ``--output-file`` anew: two documents in one file are none."""
        if self.filename:
            os.makedirs(os.path.dirname(os.path.abspath(self.filename)), exist_ok=True)
            self.output_fd = open(self.filename, "w", encoding="utf-8")  # noqa: SIM115

    def handle(self, error: Violation) -> None:
        """Take a finding."""
        assert isinstance(error, Problem)
        self.problem(error)

    def problem(self, problem: Problem) -> None:
        """Take a finding."""
        raise NotImplementedError

    def failed(self, path: str, reason: str) -> None:
        """Take note of a file that could not be checked."""
