"""The text that a fix would change."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.cli.repair import built
from flake8_async_sqla.cli.reported import File, Reported
from flake8_async_sqla.fixes.vocabulary import Refusal


@dataclass(frozen=True, slots=True)
class Replacement:
    """Text to put in place of a range; lines and columns count from 1, the end is exclusive.

    Attributes:
        line: First line.
        column: First column, in characters.
        end_line: Line of the end.
        end_column: Column of the end.
        text: The new text.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a fix comes to.

    Attributes:
        safety: ``safe``, ``unsafe`` or ``display-only``; empty when there is no fix.
        reason: Why it is not safe, or why there is none.
        replacements: The text it changes.
        after: What the file holds then.
    """

    safety: str
    reason: str
    replacements: tuple[Replacement, ...] = ()
    after: bytes = b""


def change(file: File, item: Reported) -> Change | None:
    """Build the fix of a finding and say what it would change; None where the rule has no fix."""
    from flake8_async_sqla.fixes.apply import apply

    fix = built(item)
    if fix is None:
        return None
    if isinstance(fix, Refusal):
        return Change("", fix.reason)
    applied = apply(file.source, file.tree, [fix])
    if applied.refused:
        return Change("", applied.refused[0])
    return Change(fix.safety, fix.reason, tuple(replacements(file, applied.source)), applied.source)


def replacements(file: File, new: bytes) -> Iterator[Replacement]:
    """Yield what is to be replaced in a file, line by line, to make it new bytes."""
    from flake8_async_sqla.fixes.text import Text

    old, rows = (Text.decode(source).rows() for source in (file.source, new))
    same = 0
    while same < min(len(old), len(rows)) and old[same] == rows[same]:
        same += 1
    matcher = difflib.SequenceMatcher(None, old[same:], rows[same:], autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind != "equal":
            text = "".join(rows[same + start : same + end])
            yield Replacement(*_start(old, same + first), *_start(old, same + last), text)


def _start(rows: list[str], index: int) -> tuple[int, int]:
    """Return where a row begins; behind the last one, the end of the text."""
    if index < len(rows) or not rows or rows[-1].endswith(("\n", "\r")):
        return index + 1, 1
    return len(rows), len(rows[-1]) + 1
