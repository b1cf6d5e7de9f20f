"""Source files as the commands read them."""

from __future__ import annotations

import ast
import io
import warnings

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.cli.reported import File, Reported, read
from flake8_async_sqla.fixes.text import Refused, Text
from flake8_async_sqla.rules.run import findings, may_matter
from flake8_async_sqla.semantics.files.outlines import LIBRARIES
from flake8_async_sqla.semantics.files.project import project_of
from flake8_async_sqla.semantics.files.source import characters
from flake8_async_sqla.semantics.settings import Settings


def opened(path: str, configuration: Configuration) -> File:
    """Read and parse a file that flake8 lists.

    Raises:
        UserError: It cannot be read, or is not Python.
    """
    name, source = configuration.stdin_name if path == "-" else path, read(path)
    tree, lines = parse(name, source, configuration.settings)
    return File(name, source, tree, lines)


def parsed(path: str, source: bytes, configuration: Configuration) -> File:
    """Parse a file that was found below a directory, unless its text tells that it can hold no finding.

    Raises:
        UserError: The source cannot be decoded, or is not Python.
    """
    nothing = File(path, source, ast.Module([], []), [])
    if not any(word in source for word in (*LIBRARIES, b"async ", b"await ")):
        return nothing
    text = decoded(path, source)
    if not may_matter(text, project_of(path, configuration.settings), path):
        return nothing
    return File(path, source, *parse_text(path, text, configuration.settings))


def decoded(path: str, source: bytes) -> str:
    """Return the text of a file, with the line ends that flake8 gives it.

    Raises:
        UserError: The source cannot be decoded.
    """
    try:
        return io.StringIO(Text.decode(source).code, newline=None).read()
    except Refused as error:
        raise UserError(f"{path}: {error}") from None


def parse(path: str, source: bytes, settings: Settings | None = None) -> tuple[ast.Module, list[str]]:
    """Return the tree and the lines of a file, with the line ends that flake8 gives them.

    Args:
        path: Its path.
        source: What it holds.
        settings: The user's options; a file that was followed with them before need not be parsed again.

    Raises:
        UserError: The source is not Python.
    """
    return parse_text(path, decoded(path, source), settings)


def parse_text(path: str, text: str, settings: Settings | None = None) -> tuple[ast.Module, list[str]]:
    """Do the same as `parse` with what was decoded."""
    lines = io.StringIO(text).readlines()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            known = project_of(path, settings).tree(path, text) if settings is not None else None
            return known or ast.parse(text), lines
    except SyntaxError as error:
        raise UserError(f"{path}:{error.lineno or 1}:{error.offset or 1}: {error.msg}") from None
    except ValueError as error:
        raise UserError(f"{path}: {error}") from None
    except (RecursionError, MemoryError):
        raise UserError(f"{path}: the file is nested too deeply") from None


def reported(
    path: str, tree: ast.Module, lines: list[str], configuration: Configuration, *, positions_only: bool = False
) -> list[Reported]:
    """Return the findings in a file that flake8 would report, in the order of the source.

    Raises:
        UserError: The file is nested too deeply to analyse.
    """
    found = []
    try:
        everything = list(
            findings(tree, lines, path, configuration.settings, configuration.codes, positions_only=positions_only)
        )
    except (RecursionError, MemoryError):
        raise UserError(f"{path}: the file is nested too deeply to analyse") from None
    if not everything or (view := configuration.view(path, lines)).skipped:
        return []
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
