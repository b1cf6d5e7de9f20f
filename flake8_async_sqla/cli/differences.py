"""What would change in a file, as a unified diff."""

from __future__ import annotations

import difflib
import sys

from flake8.formatting.default import COLORS

from flake8_async_sqla.fixes.text import Text


def difference(name: str, old: bytes, new: bytes, colored: bool = False) -> bytes:
    """Return the unified diff between two versions of a file, in its encoding.

    Args:
        name: Its path.
        old: What it holds.
        new: What it would hold.
        colored: Whether a terminal shows it.
    """
    before, after = (Text.decode(source) for source in (old, new))
    rows = difflib.unified_diff(before.rows(), after.rows(), name, name)
    text = "".join(
        (_colored(row) if colored else row) + ("" if row.endswith(("\n", "\r")) else "\n\\ No newline at end of file\n")
        for row in rows
    )
    return text.encode(before.encoding, "replace")


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
