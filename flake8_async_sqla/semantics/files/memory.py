"""What Python's garbage collector is spared: the trees of followed modules live long, and it looks at each again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the collector, and let it leave alone from now on what there is at the end.

    Of a project with 400 files, this halves the time that ``ast.parse`` takes for the files that follow.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if paused:
            gc.enable()


def release(*, collect: bool = False) -> None:
    """Let the collector look at everything again.

    Args:
        collect: Whether it shall do so at once: trees are large, and it would wait until there are as many again.
    """
    gc.unfreeze()
    if collect:
        gc.collect()
