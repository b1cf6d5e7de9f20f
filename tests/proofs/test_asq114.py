from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.facts.dialects import MISSPELT
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

CLAIM = "NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:sqlite3"


@pytest.mark.parametrize("series", SERIES)
def test_scheme_of_no_dialect_cannot_be_loaded(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ114", series, tmp_path))
    good = use_instead("ASQ114", series, tmp_path)
    assert (good.returncode, good.stderr) == (0, "")


LOAD = """
import sys, sqlalchemy
for scheme in sys.argv[1:]:
    try:
        sqlalchemy.create_engine(f"{scheme}://u:p@h/db")
    except sqlalchemy.exc.NoSuchModuleError as error:
        print(error)
"""


@pytest.mark.parametrize("series", SERIES)
def test_misspelt_schemes_cannot_be_loaded(series: str) -> None:
    done = run(series, LOAD, *MISSPELT)
    expected = [f"Can't load plugin: sqlalchemy.dialects:{scheme.replace('+', '.')}" for scheme in MISSPELT]
    assert (done.stdout.splitlines(), done.stderr) == (expected, "")
