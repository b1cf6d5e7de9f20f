"""A progress bar, where somebody waits in front of a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

DELAY = 1.0
"""Seconds before the bar shows."""


def watched(paths: Sequence[str]) -> Iterator[str]:
    """Yield paths; on a terminal, a bar on standard error tells how many are done.

    Args:
        paths: The files to work on.
    """
    if len(paths) < 2 or not sys.stderr.isatty():
        yield from paths
        return
    from tqdm import tqdm

    yield from tqdm(paths, unit="file", delay=DELAY, leave=False, file=sys.stderr, dynamic_ncols=True)
