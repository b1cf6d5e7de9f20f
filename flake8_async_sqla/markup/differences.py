"""Unified diffs whose changed words stand out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from flake8_async_sqla.markup.html import Html, joined, tag

_WORDS = re.compile(r"\w+|\s+|.")
_ALIKE = 0.4
"""Rows that share less are not compared word by word."""


def difference(old: Sequence[str], new: Sequence[str]) -> Html:
    """Show a unified diff.

    Args:
        old: The rows as they are.
        new: The rows as they would be.
    """
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(3)
    return tag("pre", tag("code", joined(row for group in groups for row in _hunk(group, old, new))), class_="diff")


def _hunk(group: Sequence[tuple[str, int, int, int, int]], old: Sequence[str], new: Sequence[str]) -> Iterator[Html]:
    (_, first, _, start, _), (_, _, last, _, end) = group[0], group[-1]
    place = f"@@ -{first + 1},{last - first} +{start + 1},{end - start} @@"
    yield tag("span", place, "\n", class_="hunk")
    for kind, first, last, start, end in group:
        if kind == "equal":
            yield from (_row("span", " ", [row], start + number) for number, row in enumerate(old[first:last], 1))
            continue
        gone, come = old[first:last], new[start:end]
        pairs = [_words(*pair) for pair in zip(gone, come, strict=True)] if len(gone) == len(come) else []
        rows = [[row] for row in gone], [[row] for row in come]
        before, after = ([pair[side] for pair in pairs] or rows[side] for side in (0, 1))
        yield from (_row("del", "-", parts, first + number) for number, parts in enumerate(before, 1))
        yield from (_row("ins", "+", parts, start + number) for number, parts in enumerate(after, 1))


def _row(name: str, sign: str, parts: Sequence[str], line: int) -> Html:
    ended = parts[-1].endswith(("\n", "\r"))
    text = [part if isinstance(part, Html) else part.rstrip("\r\n") for part in parts]
    ending = "\n" if ended else "\n\\ No newline at end of file\n"
    return tag(name, tag("span", sign, class_="sign"), *text, ending, class_="row", data_line=line)


def _words(old: str, new: str) -> tuple[list[str], list[str]]:
    """Split two rows into what they share and what they do not."""
    before, after = _WORDS.findall(old.rstrip("\r\n")), _WORDS.findall(new.rstrip("\r\n"))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [old], [new]
    rows: tuple[list[str], list[str]] = ([], [])
    for kind, first, last, start, end in matcher.get_opcodes():
        for row, part in zip(rows, ("".join(before[first:last]), "".join(after[start:end])), strict=True):
            if part:
                row.append(part if kind == "equal" else tag("b", part))
    for row, text in zip(rows, (old, new), strict=True):
        row.append(text[len(text.rstrip("\r\n")) :])
    return rows
