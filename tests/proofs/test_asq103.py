from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CLAIM = "MissingGreenlet: greenlet_spawn has not been called"
AFTER = """
with engine.connect():
    pass
engine.dispose()
"""


@pytest.mark.parametrize("series", SERIES)
def test_connection_of_an_async_driver_needs_a_greenlet(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ103", series, tmp_path, AFTER))
    good = use_instead("ASQ103", series, tmp_path, AFTER)
    assert (good.returncode, good.stderr) == (0, "")
