from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CLAIM = "ArgumentError: Pool class QueuePool cannot be used with asyncio engine"


@pytest.mark.parametrize("series", SERIES)
def test_async_engine_refuses_a_blocking_pool(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ104", series, tmp_path))
    good = use_instead("ASQ104", series, tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
