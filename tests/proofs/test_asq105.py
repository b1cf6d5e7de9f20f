from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CLAIM = "ArgumentError: Pool class AsyncAdaptedQueuePool cannot be used with non-asyncio engine"


@pytest.mark.parametrize("series", SERIES)
def test_sync_engine_refuses_an_asyncio_pool(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ105", series, tmp_path))
    good = use_instead("ASQ105", series, tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
