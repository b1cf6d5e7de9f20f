"""Files and findings as the commands hand them on; nothing here imports the analysis."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, NamedTuple

from flake8_async_sqla.cli.errors import UserError

if TYPE_CHECKING:
    from flake8_async_sqla.rules.run import Finding


class Kept(NamedTuple):
    """A finding as it is reported.

    Attributes:
        code: Its code.
        message: Its message.
        line: 1-based line.
        column: 1-based column.
        end_line: 1-based line of its end.
        end_column: 1-based column after its last character.
        safety: How safe its fix is, or ``refused``; ``unbuilt`` where nobody knows yet, and empty where it has none.
        reason: Why it is not safe, or refused.
    """

    code: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    safety: str
    reason: str

    @property
    def fix(self) -> None:
        """No fix: it would change nodes of a tree that is gone."""


class Reported(NamedTuple):
    """A finding that neither configuration nor ``# noqa`` silences.

    Attributes:
        finding: The finding; one that was kept from an earlier run builds no fix.
        line: 1-based line.
        column: 1-based column in characters, as flake8 prints it.
        end_line: 1-based line where the code at fault ends; of a compound statement, its first line.
        end_column: 1-based column after its last character.
    """

    finding: Finding | Kept
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of_kept(cls, kept: Kept) -> Reported:
        """Take a finding from the cache."""
        return cls(kept, kept.line, kept.column, kept.end_line, kept.end_column)

    def kept(self, safety: str = "unbuilt", reason: str = "") -> Kept:
        """Return what of the finding goes into the cache; see `Kept`."""
        code, message, fix = self.finding.code, self.finding.message, self.finding.fix
        place = self.line, self.column, self.end_line, self.end_column
        return Kept(code, message, *place, safety if fix is not None else "", reason)


class File(NamedTuple):
    """A file that was parsed.

    Attributes:
        name: Its path as flake8 lists it, or the display name of standard input.
        source: Its bytes.
        tree: Its tree; empty where its findings were kept from an earlier run.
        lines: Its lines, with the line ends that flake8 gives them.
    """

    name: str
    source: bytes
    tree: ast.Module
    lines: list[str]


def read(path: str) -> bytes:
    """Read a file, or standard input for ``-``.

    Raises:
        UserError: It cannot be read.
    """
    try:
        if path == "-":
            return sys.stdin.buffer.read()
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None
