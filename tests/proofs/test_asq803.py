from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.migrating import alembic, project, tables
from tests.proofs.programs import SERIES, error, fixed, other_form
from tests.rules.test_pages import section

CLAIM = (
    "ArgumentError: The argument passed to Dialect.has_table() should be a <class 'sqlalchemy.engine.base.Connection'>"
)


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("given", ["do_run_migrations(connection)", "do_run_migrations(connectable)"])
def test_context_wants_a_synchronous_connection(series: str, given: str, tmp_path: Path) -> None:
    example = section(load()["ASQ803"], "Example")
    environment = project(series, tmp_path, "async")
    environment.write_text(example.replace("    do_run_migrations(connection)", f"    {given}"))
    assert CLAIM in error(alembic(series, tmp_path, "upgrade", "head"))
    environment.write_text(other_form("ASQ803"))
    good = alembic(series, tmp_path, "upgrade", "head")
    assert (good.returncode, tables(tmp_path)) == (0, {"alembic_version", "items"})


def test_fix_hands_the_connection_over(tmp_path: Path) -> None:
    assert fixed("ASQ803", tmp_path) == other_form("ASQ803")
