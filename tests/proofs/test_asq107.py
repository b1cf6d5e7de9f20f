from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CLAIM = "TypeError: Invalid argument(s) 'pool_size' sent to create_engine()"


@pytest.mark.parametrize("series", SERIES)
def test_engine_refuses_a_setting_its_pool_does_not_have(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ107", series, tmp_path))
    good = use_instead("ASQ107", series, tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
