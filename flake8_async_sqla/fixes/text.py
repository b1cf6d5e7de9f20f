"""Source text addressed by the positions of its ``ast`` tree."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")
_PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")
_INDENTED = re.compile(r":[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)([ \t]+)\S")


class Refused(Exception):
    """A fix cannot be applied here; the message says why."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Replacement of ``text[start:end]``, in characters."""

    start: int
    end: int
    new: str


class Text:
    """Decoded source code of one module.

    Attributes:
        code: The decoded text without its byte order mark; line ends are untouched.
        encoding: The encoding that the cookie or the byte order mark names.
        bom: The byte order mark, or nothing.
    """

    def __init__(self, code: str, encoding: str = "utf-8", bom: bytes = b"") -> None:
        """Take decoded text; `decode` makes it from bytes."""
        self.code = code
        self.encoding = encoding
        self.bom = bom
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(code))]
        self._plain = code.isascii()
        self._bytes: dict[int, bytes] = {}

    @classmethod
    def decode(cls, source: bytes) -> Text:
        """Decode a file's bytes as Python does.

        Raises:
            Refused: The bytes are not text in the encoding that the file declares.
        """
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            bom = codecs.BOM_UTF8 if source.startswith(codecs.BOM_UTF8) else b""
            encoding = "utf-8" if encoding == "utf-8-sig" else encoding
            text = cls(source[len(bom) :].decode(encoding), encoding, bom)
        except (SyntaxError, UnicodeDecodeError, LookupError) as error:
            raise Refused(f"the file cannot be decoded: {error}") from None
        if text.encode() != source:
            raise Refused(f"the file's bytes do not survive decoding as {encoding}")
        return text

    def encode(self) -> bytes:
        """Return the bytes of the file.

        Raises:
            Refused: The text holds characters that the file's encoding lacks.
        """
        try:
            return self.bom + self.code.encode(self.encoding)
        except UnicodeEncodeError:
            raise Refused(f"the new code cannot be written in the file's encoding, {self.encoding}") from None

    def spliced(self, splices: Iterable[Splice]) -> Text:
        """Return the text with all splices made.

        Raises:
            Refused: Two splices overlap.
        """
        parts: list[str] = []
        at = 0
        for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
            if splice.start < at:
                raise Refused("its edits overlap")
            parts += (self.code[at : splice.start], splice.new)
            at = splice.end
        return Text("".join((*parts, self.code[at:])), self.encoding, self.bom)

    def index(self, line: int, column: int) -> int:
        """Return the character index of a 1-based line and a column in UTF-8 bytes, as ``ast`` counts them."""
        start = self._starts[line - 1]
        if self._plain:
            return start + column
        if line not in self._bytes:
            self._bytes[line] = self.code[start : self.line_end(line)].encode()
        row = self._bytes[line]
        return start + (column if row.isascii() else len(row[:column].decode()))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the start and end of a node in characters; a function starts at its ``def``, not at a decorator."""
        line, column, end_line, end_column = (getattr(node, name) for name in _PLACE)
        return self.index(line, column), self.index(end_line, end_column)

    def slice(self, node: ast.AST) -> str:
        """Return a node's own source code."""
        start, end = self.span(node)
        return self.code[start:end]

    @property
    def line_count(self) -> int:
        """Number of lines; an empty one after the last newline counts."""
        return len(self._starts)

    def rows(self) -> list[str]:
        """Return the lines with their ends; nothing after the last newline."""
        rows = [self.code[self.line_start(line) : self.line_end(line)] for line in range(1, self.line_count + 1)]
        return rows if rows[-1] else rows[:-1]

    def line_start(self, line: int) -> int:
        """Return the index of a line's first character."""
        return self._starts[line - 1]

    def line_end(self, line: int) -> int:
        """Return the index after a line's end, its newline included."""
        return self._starts[line] if line < len(self._starts) else len(self.code)

    def indentation(self, line: int) -> str:
        """Return the white space at the start of a line."""
        row = self.code[self.line_start(line) : self.line_end(line)]
        return row[: len(row) - len(row.lstrip(" \t\f"))]

    def newline(self, line: int) -> str:
        """Return the line end of a line, or of the first line where it has none."""
        row = self.code[self.line_start(line) : self.line_end(line)]
        found = _LINE_END.search(row) or _LINE_END.search(self.code)
        return found.group() if found else "\n"

    def indent_unit(self) -> str:
        """Return what the file indents its first block with; four spaces where it has none."""
        found = _INDENTED.search(self.code)
        return found.group(1) if found else "    "
