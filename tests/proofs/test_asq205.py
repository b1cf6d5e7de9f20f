from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

CLAIM = "TypeError: Session.__init__() got an unexpected keyword argument 'expire_oncommit'"
AFTER = """
factory()
"""
AUTOCOMMIT = """
from sqlalchemy.ext.asyncio import AsyncSession
AsyncSession(autocommit=True)
"""


@pytest.mark.parametrize("series", SERIES)
def test_first_session_of_the_factory_refuses_an_unknown_keyword(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ205", series, tmp_path)) == ""
    assert CLAIM in error(example("ASQ205", series, tmp_path, AFTER))
    good = use_instead("ASQ205", series, tmp_path, AFTER)
    assert (good.returncode, good.stderr) == (0, "")


@pytest.mark.parametrize("series", SERIES)
def test_autocommit_is_gone(series: str, tmp_path: Path) -> None:
    assert "ArgumentError: autocommit=True is no longer supported" in error(run(series, AUTOCOMMIT, cwd=tmp_path))
