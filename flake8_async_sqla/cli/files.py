"""Source files as the commands read them."""

from __future__ import annotations

import ast
import io
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.fixes.text import Refused, Text
from flake8_async_sqla.rules.run import Finding, findings


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding that neither configuration nor ``# noqa`` silences.

    Attributes:
        finding: The finding.
        line: 1-based line.
        column: 1-based column in characters, as flake8 prints it.
    """

    finding: Finding
    line: int
    column: int


def read(path: str) -> bytes:
    """Read a file, or standard input for ``-``.

    Raises:
        UserError: It cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None


def parse(path: str, source: bytes) -> tuple[ast.Module, list[str]]:
    """Return the tree and the lines of a file, with the line ends that flake8 gives them.

    Raises:
        UserError: The source is not Python.
    """
    try:
        code = Text.decode(source).code
        lines = io.StringIO(code, newline=None).readlines()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse("".join(lines)), lines
    except Refused as error:
        raise UserError(f"{path}: {error}") from None
    except SyntaxError as error:
        raise UserError(f"{path}:{error.lineno or 1}:{error.offset or 1}: {error.msg}") from None
    except ValueError as error:
        raise UserError(f"{path}: {error}") from None
    except (RecursionError, MemoryError):
        raise UserError(f"{path}: the file is nested too deeply") from None


def reported(path: str, tree: ast.Module, lines: list[str], configuration: Configuration) -> list[Reported]:
    """Return the findings in a file that flake8 would report, in the order of the source.

    Raises:
        UserError: The file is nested too deeply to analyse.
    """
    view = configuration.view(path, lines)
    if view.skipped:
        return []
    found = []
    try:
        everything = list(findings(tree, lines, path, configuration.settings, configuration.codes))
    except (RecursionError, MemoryError):
        raise UserError(f"{path}: the file is nested too deeply to analyse") from None
    for finding in everything:
        line, offset = getattr(finding.at, "lineno", 1), getattr(finding.at, "col_offset", 0)
        row = lines[line - 1] if line <= len(lines) else ""
        column = len(row.encode()[:offset].decode(errors="replace"))
        if view.reports(finding.code, line, column, finding.message):
            found.append(Reported(finding, line, column + 1))
    return sorted(found, key=lambda item: (item.line, item.column))
