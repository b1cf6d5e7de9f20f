"""The statements at the top level of a file, each parsed when a name that it may bind is asked for."""

from __future__ import annotations

import ast
import re
import warnings
from functools import cached_property

from flake8_async_sqla.semantics import gate

_LITERAL = re.compile(
    r'#[^\n]*|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|'
    r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"' + r"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'",
    re.DOTALL,
)
_START = re.compile(r"^(?!(?:else|elif|except|finally)\b)[^\s)\]}]", re.MULTILINE)
_DEFINITION = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_DEFINING = ("def ", "class ", "async ", "@")
_WORD = re.compile(r"[^\W\d]\w*")
_STAR = re.compile(r"\bimport[ \t]*\*")
# What binds names of the module from elsewhere in it, and what makes lines hard to count.
_DOUBTFUL = ("global ", "nonlocal ", ":=", "\nmatch ", "\f", "\r")
MAX_FRAGMENTS = 24


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "#":
        return ""
    return "0" + "\n" * count + " " if (count := found.count("\n")) else "0"


def starts(text: str) -> list[tuple[int, int]] | None:
    """Find where the statements at the top level of a module start; ``None`` if in doubt.

    Args:
        text: The source; decorators belong to the statement below.

    Returns:
        Line of each statement, from 0, and offset of the line.
    """
    code = _LITERAL.sub(_blank, text)
    if '"' in code or "'" in code:
        return None
    lines: list[int] = []
    line = offset = depth = 0
    joined = decorated = False
    for match in _START.finditer(code):
        passed = code[offset : match.start()]
        line += passed.count("\n")
        depth += sum(map(passed.count, "([{")) - sum(map(passed.count, ")]}"))
        if passed:
            joined = passed.endswith("\\\n")
        offset = match.start()
        if depth or joined:
            continue
        if not decorated:
            lines.append(line)
        decorated = code[offset] == "@"
    return list(zip(lines, _offsets(text, lines), strict=True))


def _offsets(text: str, lines: list[int]) -> list[int]:
    found: list[int] = []
    line = offset = 0
    for wanted in lines:
        for _ in range(wanted - line):
            offset = text.index("\n", offset) + 1
        line = wanted
        found.append(offset)
    return found


class Fragments:
    """A file that is parsed in parts."""

    def __init__(self, text: str, begins: list[tuple[int, int]]) -> None:
        """Look for the names that the statements may bind."""
        self._text = text
        self._begins = begins
        self._ends = [*(offset for _, offset in begins[1:]), len(text)]
        self._parsed: dict[int, list[ast.stmt]] = {}
        self._definitions: dict[str, list[int]] = {}
        self._others: list[int] = []
        for number, (_, offset) in enumerate(begins):
            defined = _DEFINITION.search(text, offset, self._ends[number]) if self._defines(offset) else None
            if defined is None:
                self._others.append(number)
            else:
                self._definitions.setdefault(defined[1], []).append(number)

    def _defines(self, offset: int) -> bool:
        return self._text.startswith(_DEFINING, offset)

    @cached_property
    def _words(self) -> dict[str, list[int]]:
        """Statements that define no function or class, by the words in them."""
        found: dict[str, list[int]] = {}
        for number in self._others:
            part = self._text[self._begins[number][1] : self._ends[number]]
            for word in set(_WORD.findall(part)):
                found.setdefault(word, []).append(number)
            if _STAR.search(part):
                found.setdefault("*", []).append(number)
        return found

    def may_bind(self, name: str) -> list[int]:
        """List the statements that may bind a name, or with ``*`` those that import all names of a module."""
        return sorted({*self._definitions.get(name, ()), *self._words.get(name, ())})

    def parse(self, number: int) -> list[ast.stmt] | None:
        """Parse a statement; ``None`` if the whole file is to be parsed instead."""
        if number not in self._parsed:
            if len(self._parsed) >= MAX_FRAGMENTS:
                return None
            line, offset = self._begins[number]
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = ast.parse("\n" * line + self._text[offset : self._ends[number]])
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
            self._parsed[number] = tree.body
        return self._parsed[number]

    def splice(self, tree: ast.Module) -> None:
        """Put the statements that were parsed into a tree of the whole file, so that each has one node.

        They are all that is known of a file that cannot be parsed, whose tree is empty.
        """
        known = {(node.lineno, node.col_offset): node for _, body in sorted(self._parsed.items()) for node in body}
        tree.body = [known.get((node.lineno, node.col_offset), node) for node in tree.body] or list(known.values())


def fragments(text: str) -> Fragments | None:
    """Divide a file into its top-level statements; ``None`` if it has to be parsed as a whole."""
    if not gate.on or any(sign in text for sign in _DOUBTFUL):
        return None
    begins = starts(text)
    return Fragments(text, begins) if begins is not None else None
