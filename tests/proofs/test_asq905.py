"""ASQ905: a session that waits for something slow keeps others waiting for its connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CLAIM = "QueuePool limit of size 1 overflow 0 reached, connection timed out, timeout 0.50"
DRIVE = """

async def drive() -> None:
    print(await asyncio.gather(quote(), quote()))
    await engine.dispose()


asyncio.run(drive())
"""


@pytest.mark.parametrize("series", SERIES)
def test_the_pool_runs_out_while_a_session_waits(series: str, tmp_path: Path) -> None:
    bad = example("ASQ905", series, tmp_path, DRIVE)
    assert CLAIM in error(bad), bad.stderr
    good = use_instead("ASQ905", series, tmp_path, DRIVE)
    assert (good.returncode, good.stdout, good.stderr) == (0, "[42, 42]\n", "")
