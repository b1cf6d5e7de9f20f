from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, use_instead


@pytest.mark.parametrize("series", SERIES)
def test_session_cannot_be_called(series: str, tmp_path: Path) -> None:
    claim = "TypeError: 'AsyncSession' object is not callable"
    assert error(example("ASQ217", series, tmp_path, awaiting("ping()"))) == claim
    good = use_instead("ASQ217", series, tmp_path, awaiting("ping()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")
