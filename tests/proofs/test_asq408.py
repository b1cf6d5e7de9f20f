from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, fixed, use_instead
from tests.sqlalchemy_versions import run


@pytest.mark.parametrize("series", SERIES)
def test_sqlalchemy_sessions_have_no_exec(series: str, tmp_path: Path) -> None:
    claim = "AttributeError: 'AsyncSession' object has no attribute 'exec'"
    assert error(example("ASQ408", series, tmp_path, awaiting("ping()"))) == claim
    good = use_instead("ASQ408", series, tmp_path, awaiting("ping()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_fixed_example_runs(series: str, tmp_path: Path) -> None:
    done = run(series, fixed("ASQ408", tmp_path) + awaiting("ping()"), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
