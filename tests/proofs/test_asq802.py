from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.migrating import alembic, project, tables
from tests.proofs.programs import SERIES, fixed, other_form
from tests.rules.test_pages import section


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("template", "url"), [("async", "sqlite+aiosqlite:///app.db"), ("generic", "sqlite:///app.db")]
)
def test_migration_counts_as_applied_and_does_nothing(series: str, template: str, url: str, tmp_path: Path) -> None:
    project(series, tmp_path, template, url, section(load()["ASQ802"], "Example"))
    bad = alembic(series, tmp_path, "upgrade", "head")
    assert bad.returncode == 0
    assert "RuntimeWarning: coroutine 'upgrade' was never awaited" in bad.stderr
    assert tables(tmp_path) == {"alembic_version"}
    assert "0001 (head)" in alembic(series, tmp_path, "current").stdout


@pytest.mark.parametrize("series", SERIES)
def test_plain_function_runs(series: str, tmp_path: Path) -> None:
    project(series, tmp_path, "async", migration=other_form("ASQ802"))
    good = alembic(series, tmp_path, "upgrade", "head")
    assert (good.returncode, tables(tmp_path)) == (0, {"alembic_version", "items"})
    assert "never awaited" not in good.stderr


@pytest.mark.parametrize("series", SERIES)
def test_run_async_awaits_a_coroutine_function(series: str, tmp_path: Path) -> None:
    create = 'await connection.execute(sa.text("CREATE TABLE items (id INTEGER)"))'
    migration = f"""
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


async def create(connection):
    {create}


def upgrade():
    op.run_async(create)
"""
    project(series, tmp_path, "async", migration=migration)
    good = alembic(series, tmp_path, "upgrade", "head")
    assert (good.returncode, tables(tmp_path)) == (0, {"alembic_version", "items"}), good.stderr


def test_fix_makes_the_function_plain(tmp_path: Path) -> None:
    assert fixed("ASQ802", tmp_path) == other_form("ASQ802")
