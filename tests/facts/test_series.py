from __future__ import annotations

import sys

import pytest

from flake8_async_sqla.facts.versions import MINIMUM_PYTHON, PINNED, SUPPORTED, includes
from tests.sqlalchemy_versions import SERIES, Unsupported, installed, run, series_supported, supported


@pytest.mark.parametrize("series", supported())
def test_run_uses_the_pinned_release(series: str) -> None:
    done = run(series, "import sqlalchemy, sys; print(sqlalchemy.__version__, sys.argv[1])", "argument")
    assert (done.returncode, done.stdout.split()) == (0, [PINNED[series], "argument"])


def test_every_series_is_accounted_for() -> None:
    too_new = [series for series in SERIES if sys.version_info < MINIMUM_PYTHON[series]]
    assert [*supported(), *too_new] == list(SUPPORTED)
    for series in too_new:
        with pytest.raises(Unsupported, match=f"SQLAlchemy {series} needs Python"):
            installed(series)
    assert too_new == (["2.1"] if sys.version_info < (3, 11) else [])


def test_run_shows_warnings() -> None:
    assert series_supported("2.0")
    assert "ResourceWarning" in run("2.0", "open(__import__('os').devnull)").stderr


def test_includes() -> None:
    assert includes("2.0", "1.4")
    assert includes("2.0", "2.0", "2.0")
    assert includes("2.1", "2.0")
    assert not includes("1.4", "2.0")
    assert not includes("2.1", "1.4", "2.0")
