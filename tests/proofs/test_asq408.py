from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, use_instead


@pytest.mark.parametrize("series", SERIES)
def test_sqlalchemy_sessions_have_no_exec(series: str, tmp_path: Path) -> None:
    claim = "AttributeError: 'AsyncSession' object has no attribute 'exec'"
    assert error(example("ASQ408", series, tmp_path, awaiting("ping()"))) == claim
    good = use_instead("ASQ408", series, tmp_path, awaiting("ping()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")
