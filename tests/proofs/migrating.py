"""Projects with migrations, made and run by the real Alembic."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

from tests.proofs.tools import ALEMBIC, installed_tools
from tests.sqlalchemy_versions import run

URL = "sqlite+aiosqlite:///app.db"
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("items", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("items")
"""
_COMMAND = "import sys; from alembic.config import main; main(argv=sys.argv[1:])"


def alembic(series: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Alembic's command line in a folder."""
    return run(series, _COMMAND, *arguments, cwd=folder, paths=(installed_tools(ALEMBIC), folder))


def program(series: str, folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code that uses Alembic in a folder."""
    return run(series, code, cwd=folder, paths=(installed_tools(ALEMBIC), folder))


def project(series: str, folder: Path, template: str, url: str = URL, migration: str = MIGRATION) -> Path:
    """Make a project by ``alembic init``, with one migration.

    Args:
        series: The series of SQLAlchemy.
        folder: An empty folder.
        template: ``generic`` or ``async``.
        url: What ``alembic.ini`` says.
        migration: The migration's source.

    Returns:
        The path of ``env.py``.
    """
    made = alembic(series, folder, "init", "-t", template, "migrations")
    assert made.returncode == 0, made.stderr
    settings = folder / "alembic.ini"
    settings.write_text(settings.read_text().replace("driver://user:pass@localhost/dbname", url))
    (folder / "migrations" / "versions" / "0001_items.py").write_text(migration)
    return folder / "migrations" / "env.py"


def tables(folder: Path) -> set[str]:
    """Name the tables of ``app.db``."""
    connection = sqlite3.connect(folder / "app.db")
    try:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        connection.close()
