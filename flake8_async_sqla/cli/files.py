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
from flake8_async_sqla.semantics.project import project_of
from flake8_async_sqla.semantics.settings import Settings
from flake8_async_sqla.semantics.source import characters


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding that neither configuration nor ``# noqa`` silences.

    Attributes:
        finding: The finding.
        line: 1-based line.
        column: 1-based column in characters, as flake8 prints it.
        end_line: 1-based line where the code at fault ends; of a compound statement, its first line.
        end_column: 1-based column after its last character.
    """

    finding: Finding
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class File:
    """A file that was parsed.

    Attributes:
        name: Its path as flake8 lists it, or the display name of standard input.
        source: Its bytes.
        tree: Its tree.
        lines: Its lines, with the line ends that flake8 gives them.
    """

    name: str
    source: bytes
    tree: ast.Module
    lines: list[str]


def opened(path: str, configuration: Configuration) -> File:
    """Read and parse a file that flake8 lists.

    Raises:
        UserError: It cannot be read, or is not Python.
    """
    name, source = configuration.stdin_name if path == "-" else path, read(path)
    tree, lines = parse(name, source, configuration.settings)
    return File(name, source, tree, lines)


def read(path: str) -> bytes:
    """Read a file, or standard input for ``-``.

    Raises:
        UserError: It cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None


def parse(path: str, source: bytes, settings: Settings | None = None) -> tuple[ast.Module, list[str]]:
    """Return the tree and the lines of a file, with the line ends that flake8 gives them.

    Args:
        path: Its path.
        source: What it holds.
        settings: The user's options; a file that was followed with them before need not be parsed again.

    Raises:
        UserError: The source is not Python.
    """
    try:
        code = Text.decode(source).code
        lines = io.StringIO(code, newline=None).readlines()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = "".join(lines)
            known = project_of(path, settings).tree(path, text) if settings is not None else None
            return known or ast.parse(text), lines
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
        line = getattr(finding.at, "lineno", 1)
        column = characters(lines, line, getattr(finding.at, "col_offset", 0))
        if view.reports(finding.code, line, column, finding.message):
            found.append(Reported(finding, line, column + 1, *_end(lines, finding.at, line)))
    return sorted(found, key=lambda item: (item.line, item.column))


def _end(lines: list[str], node: ast.AST, line: int) -> tuple[int, int]:
    if hasattr(node, "body") and isinstance(node, ast.stmt):
        return line, len(lines[line - 1].rstrip()) + 1
    end = getattr(node, "end_lineno", line)
    return end, characters(lines, end, getattr(node, "end_col_offset", 0)) + 1
