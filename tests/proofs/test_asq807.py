from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.migrating import alembic, project, tables
from tests.proofs.programs import SERIES, error, other_form
from tests.rules.test_pages import section

CLAIM = "RuntimeError: asyncio.run() cannot be called from a running event loop"


@pytest.mark.parametrize("series", SERIES)
def test_async_environment_runs_migrations_in_its_event_loop(series: str, tmp_path: Path) -> None:
    project(series, tmp_path, "async", migration=section(load()["ASQ807"], "Example"))
    assert error(alembic(series, tmp_path, "upgrade", "head")) == CLAIM
    assert "items" not in tables(tmp_path)
    (tmp_path / "migrations" / "versions" / "0001_items.py").write_text(other_form("ASQ807"))
    good = alembic(series, tmp_path, "upgrade", "head")
    assert (good.returncode, tables(tmp_path)) == (0, {"alembic_version", "items"})


@pytest.mark.parametrize("series", SERIES)
def test_sync_environment_leaves_the_thread_without_an_event_loop(series: str, tmp_path: Path) -> None:
    migration = section(load()["ASQ807"], "Example").replace("app.db", "other.db")
    project(series, tmp_path, "generic", "sqlite:///app.db", migration)
    good = alembic(series, tmp_path, "upgrade", "head")
    assert good.returncode == 0, good.stderr
