"""A coroutine of the project that nobody awaits writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_session
from tests.proofs.programs import SERIES, example, use_instead


@pytest.mark.parametrize("series", SERIES)
def test_order_is_lost(series: str, tmp_path: Path) -> None:
    driver = with_session("ItemService(ItemRepository(session)).order('bolt')")
    bad = example("ASQ311", series, tmp_path, driver)
    assert (bad.returncode, bad.stdout) == (0, "None\nrows 0\n"), bad.stderr
    assert "RuntimeWarning: coroutine 'ItemRepository.add' was never awaited" in bad.stderr
    good = use_instead("ASQ311", series, tmp_path, driver)
    assert (good.returncode, good.stdout, good.stderr) == (0, "None\nrows 1\n", "")
