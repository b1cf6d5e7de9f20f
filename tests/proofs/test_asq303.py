"""The await belongs to the whole chain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_session
from tests.proofs.programs import SERIES, error, example, use_instead


@pytest.mark.parametrize("series", SERIES)
def test_chain_asks_the_coroutine(series: str, tmp_path: Path) -> None:
    bad = example("ASQ303", series, tmp_path, with_session("names(session)"))
    assert error(bad) == "AttributeError: 'coroutine' object has no attribute 'scalars'"
    good = use_instead("ASQ303", series, tmp_path, with_session("names(session)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "['bolt']\nrows 0\n", "")
