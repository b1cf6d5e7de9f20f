"""The SQLAlchemy series that the tables describe, and the releases they were checked against."""

from __future__ import annotations

SUPPORTED = ("1.4", "2.0", "2.1")

PINNED = {"1.4": "1.4.54", "2.0": "2.0.58", "2.1": "2.1.9"}

MINIMUM_PYTHON = {"1.4": (3, 10), "2.0": (3, 10), "2.1": (3, 11)}


def includes(version: str, since: str, until: str = "") -> bool:
    """Tell whether a series lies between two others.

    Args:
        version: The series, as ``2.0``.
        since: The first series.
        until: The last series; empty when there is no end.
    """
    order = SUPPORTED.index
    return order(since) <= order(version) and (not until or order(version) <= order(until))
