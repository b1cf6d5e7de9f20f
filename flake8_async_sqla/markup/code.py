"""Lines of code with their numbers, a part of them marked."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flake8_async_sqla.markup.html import Html, joined, tag

AROUND = 2
"""Lines shown before and after the code at fault."""
MAX_ROWS = 12
"""Lines of marked code; what is longer is cut."""
_SHADES = {tokenize.COMMENT: "comment", tokenize.STRING: "string", tokenize.NUMBER: "number"}
_SHADES |= {getattr(tokenize, f"FSTRING_{part}", -1): "string" for part in ("START", "MIDDLE", "END")}


class Span(NamedTuple):
    """A part of a text; lines count from 1, columns from 0 in characters, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Listing:
    """A file's lines, coloured once for all frames."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Take the lines."""
        self._lines = [line.rstrip("\r\n") for line in lines]
        self._shades: dict[int, list[tuple[int, int, str]]] = {}
        for span, shade in _shaded(lines):
            for number in range(span.line, span.end_line + 1):
                self._shades.setdefault(number, []).append((*self._columns(span, number), shade))

    def frame(self, span: Span) -> Html:
        """Show some lines and those around them, the span marked."""
        last = min(span.end_line, span.line + MAX_ROWS - 1)
        cut = last < span.end_line
        first, end = max(span.line - AROUND, 1), min(last if cut else last + AROUND, len(self._lines))
        while first < span.line and not self._lines[first - 1].strip():
            first += 1
        while end > last and not self._lines[end - 1].strip():
            end -= 1
        rows = [self._row(number, self._marked(span, number)) for number in range(first, end + 1)]
        rows += [tag("span", "…\n", class_="hunk")] if cut else []
        return tag("pre", tag("code", joined(rows)), class_="code")

    def line(self, number: int) -> Html:
        """Show one line without its indentation; nothing where there is none."""
        if not 1 <= number <= len(self._lines):
            return Html()
        row = self._lines[number - 1]
        return tag("pre", tag("code", self._row(number, (0, 0), len(row) - len(row.lstrip()))), class_="code")

    def _row(self, number: int, marked: tuple[int, int], first: int = 0) -> Html:
        row = self._lines[number - 1]
        start, end = (max(column, first) for column in marked)
        parts: list[str] = [self._part(number, row, first, start)]
        if start < end:
            parts.append(tag("mark", self._part(number, row, start, end)))
        parts += [self._part(number, row, end, len(row)), "\n"]
        return tag("span", *parts, class_="row at-fault" if start < end else "row", data_line=number)

    def _part(self, number: int, row: str, start: int, end: int) -> Html:
        """Colour the part of a row between two columns."""
        parts: list[str] = []
        for first, last, shade in self._shades.get(number, ()):
            if first < end and last > start:
                parts += [
                    row[start : max(first, start)],
                    tag("span", row[max(first, start) : min(last, end)], class_=shade),
                ]
                start = min(last, end)
        return joined([*parts, row[start:end]])

    def _marked(self, span: Span, number: int) -> tuple[int, int]:
        start, end = self._columns(span, number)
        if not span.line <= number <= span.end_line:
            return 0, 0
        row = self._lines[number - 1]
        return (start, max(end, start + 1)) if row else (0, 0)

    def _columns(self, span: Span, number: int) -> tuple[int, int]:
        """Return the columns of a row that a span covers, its indentation aside."""
        row = self._lines[number - 1] if number <= len(self._lines) else ""
        start = span.column if number == span.line else len(row) - len(row.lstrip())
        return start, span.end_column if number == span.end_line else len(row.rstrip())


def _shaded(lines: Sequence[str]) -> Iterator[tuple[Span, str]]:
    """Yield what is coloured; nothing after the first thing that is not Python."""
    try:
        for token in tokenize.generate_tokens(io.StringIO("".join(lines)).readline):
            shade = _SHADES.get(token.type, "")
            if token.type == tokenize.NAME and keyword.iskeyword(token.string):
                shade = "keyword"
            if shade:
                yield Span(*token.start, *token.end), shade
    except (tokenize.TokenError, SyntaxError):
        return
