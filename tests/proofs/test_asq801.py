from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.migrating import alembic, project, tables
from tests.proofs.programs import SERIES, error, fixed, other_form
from tests.rules.test_pages import section

CLAIM = "MissingGreenlet: greenlet_spawn has not been called; can't call await_"

SIDE = """
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///app.db")


def run_migrations_online():
    with engine.sync_engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
"""


@pytest.mark.parametrize("series", SERIES)
def test_sync_environment_fails_on_an_async_url(series: str, tmp_path: Path) -> None:
    environment = project(series, tmp_path, "generic", url="driver://elsewhere")
    environment.write_text(section(load()["ASQ801"], "Example"))
    assert CLAIM in error(alembic(series, tmp_path, "upgrade", "head"))
    assert CLAIM in error(alembic(series, tmp_path, "revision", "--autogenerate"))
    environment.write_text(other_form("ASQ801"))
    good = alembic(series, tmp_path, "upgrade", "head")
    assert (good.returncode, tables(tmp_path)) == (0, {"alembic_version", "items"})


@pytest.mark.parametrize("series", SERIES)
def test_templates_of_alembic_with_the_url_in_the_ini_file(series: str, tmp_path: Path) -> None:
    generic, asynchronous = tmp_path / "generic", tmp_path / "async"
    for folder in (generic, asynchronous):
        folder.mkdir()
        project(series, folder, folder.name)
    assert CLAIM in error(alembic(series, generic, "upgrade", "head"))
    good = alembic(series, asynchronous, "upgrade", "head")
    assert (good.returncode, tables(asynchronous)) == (0, {"alembic_version", "items"})


@pytest.mark.parametrize("series", SERIES)
def test_sync_side_of_an_async_engine(series: str, tmp_path: Path) -> None:
    environment = project(series, tmp_path, "generic", url="driver://elsewhere")
    environment.write_text(SIDE)
    assert CLAIM in error(alembic(series, tmp_path, "upgrade", "head"))


@pytest.mark.parametrize("series", SERIES)
def test_template_for_several_databases(series: str, tmp_path: Path) -> None:
    made = alembic(series, tmp_path, "init", "-t", "multidb", "migrations")
    assert made.returncode == 0, made.stderr
    settings = tmp_path / "alembic.ini"
    urls = settings.read_text().replace("driver://user:pass@localhost/dbname2", "sqlite+aiosqlite:///two.db")
    settings.write_text(urls.replace("driver://user:pass@localhost/dbname", "sqlite+aiosqlite:///one.db"))
    assert CLAIM in error(alembic(series, tmp_path, "upgrade", "head"))


def test_fix_takes_the_driver_of_sqlite_away(tmp_path: Path) -> None:
    assert fixed("ASQ801", tmp_path) == other_form("ASQ801")
