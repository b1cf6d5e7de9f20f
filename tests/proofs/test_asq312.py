"""A sync connection has no run_sync()."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CALL = """
from sqlalchemy import create_engine
engine = create_engine('sqlite://')
create_tables(engine)
engine.dispose()
print('made')
"""


@pytest.mark.parametrize("series", SERIES)
def test_sync_connection_has_no_run_sync(series: str, tmp_path: Path) -> None:
    bad = example("ASQ312", series, tmp_path, CALL)
    assert error(bad) == "AttributeError: 'Connection' object has no attribute 'run_sync'"
    good = use_instead("ASQ312", series, tmp_path, CALL)
    assert (good.returncode, good.stdout, good.stderr) == (0, "made\n", "")
