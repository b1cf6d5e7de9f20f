from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CLAIM = "InvalidRequestError: The asyncio extension requires an async driver to be used. The loaded 'pysqlite' is not"


@pytest.mark.parametrize("series", SERIES)
def test_async_engine_refuses_a_sync_driver(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ102", series, tmp_path))
    good = use_instead("ASQ102", series, tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
