from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CLAIM = "TypeError: Invalid argument(s) 'pool_class' sent to create_engine()"


@pytest.mark.parametrize("series", SERIES)
def test_engine_refuses_an_unknown_keyword(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ106", series, tmp_path))
    good = use_instead("ASQ106", series, tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
