"""Indentation that leaves the inside of strings alone."""

from __future__ import annotations

import ast
import re

from flake8_async_sqla.fixes.text import Splice, Text

_OPEN_STRING = re.compile(r"\"\"\"|'''|\\(?:\r\n|\r|\n)")


def inside_strings(tree: ast.AST, text: Text) -> set[int]:
    """Return the lines whose start lies inside a string, where new white space would change its value."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.JoinedStr, ast.Constant)) and node.end_lineno != node.lineno:
            assert node.end_lineno is not None
            if _OPEN_STRING.search(text.slice(node)):
                lines.update(range(node.lineno + 1, node.end_lineno + 1))
    return lines


def indentations(tree: ast.AST, text: Text, first: int, last: int, by: str) -> list[Splice]:
    """Return the splices that indent the lines from ``first`` to ``last``; blank lines stay empty."""
    untouched = inside_strings(tree, text)
    starts = [text.line_start(line) for line in range(first, last + 1) if line not in untouched]
    return [Splice(start, start, by) for start in starts if text.code[start : start + 1].strip("\r\n\f")]


def indented(code: str, by: str) -> str:
    """Return statements, indented."""
    text = Text(code)
    tree = ast.parse(code)
    return text.spliced(indentations(tree, text, 1, text.line_count, by)).code
