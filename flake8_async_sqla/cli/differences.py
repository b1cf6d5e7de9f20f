"""What would change in a file, as a unified diff."""

from __future__ import annotations

import difflib
import os
import sys
from itertools import islice

from flake8.formatting.default import COLORS

from flake8_async_sqla.fixes.text import Text


def difference(name: str, old: bytes, new: bytes, colored: bool = False) -> bytes:
    """Return the unified diff between two versions of a file, in its encoding, as ``patch -p0`` reads it.

    Args:
        name: Its path.
        old: What it holds.
        new: What it would hold.
        colored: Whether a terminal shows it.
    """
    before, after = (Text.decode(source) for source in (old, new))
    path = name.removeprefix(f".{os.sep}")
    label = f"{path}\t" if " " in path else path
    rows = difflib.unified_diff(_rows(before), _rows(after), label, label)
    printed = (_printed(row, colored) for row in rows)
    head = b"".join(os.fsencode(row) for row in islice(printed, 2))
    return head + "".join(printed).encode(before.encoding, "replace")


def _rows(text: Text) -> list[str]:
    """Return lines as patches count them: a carriage return alone ends none, a byte order mark is part of the first."""
    rows = [f"{row}\n" for row in f"{text.bom.decode()}{text.code}".split("\n")]
    rows[-1] = rows[-1][:-1]
    return rows if rows[-1] else rows[:-1]


def _printed(row: str, colored: bool) -> str:
    ended = row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n"
    return _colored(ended) if colored else ended


_SHADES = {"---": "bold", "+++": "bold", "@@": "cyan", "-": "red", "+": "green"}


def _colored(row: str) -> str:
    for start, shade in _SHADES.items():
        if row.startswith(start):
            body = row.rstrip("\r\n")
            return f"{COLORS[shade]}{body}{COLORS['reset']}{row[len(body) :]}"
    return row


def print_bytes(output: bytes) -> None:
    """Print bytes as they are."""
    sys.stdout.buffer.write(output)
    sys.stdout.buffer.flush()
