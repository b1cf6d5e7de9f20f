from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, error, fixed, other_form
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

PAGE_URL = "postgresql+asyncpg://postgres@localhost/postgres"


@pytest.mark.parametrize("series", SERIES)
def test_pooled_connection_belongs_to_a_closed_event_loop(series: str, postgres: str) -> None:
    example = section(load()["ASQ111"], "Example").replace(PAGE_URL, postgres)
    bad, once = run(series, example), run(series, example.replace("range(2)", "range(1)"))
    assert "RuntimeError" in error(bad)
    assert "attached to a different loop" in bad.stderr
    assert once.returncode == 0
    good = run(series, other_form("ASQ111").replace(PAGE_URL, postgres))
    assert (good.returncode, good.stderr) == (0, "")


def test_fix_takes_the_pool_away(tmp_path: Path) -> None:
    assert fixed("ASQ111", tmp_path) == other_form("ASQ111")
