from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import migrated

CONFIG = 'URL = "sqlite:///app.db"\n'
DATABASE = "from sqlalchemy import create_engine\n\nfrom config import URL\n\nengine = create_engine(URL)\n"
ENV = """\
from alembic import context
from sqlalchemy import engine_from_config, pool

from config import URL

config = context.config
config.set_main_option("sqlalchemy.url", URL)


def run_migrations_online() -> None:
    connectable = engine_from_config(
        config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool
    )

    with connectable.connect() as connection:
        # with names: {table}
        context.configure(connection=connection)

        with context.begin_transaction():
            context.run_migrations()  # all


run_migrations_online()
"""
AFTER = """\
    def do_run_migrations(connection):
        # with names: {table}
        context.configure(connection=connection)

        with context.begin_transaction():
            context.run_migrations()

    async with connectable.connect() as connection:
        await connection.run_sync(do_run_migrations)

    await connectable.dispose()  # all


asyncio.run(run_migrations_online())
"""
FILES = {"config.py": CONFIG, "database.py": DATABASE, "alembic/env.py": ENV}


def test_migrations_run_through_run_sync(tmp_path: Path) -> None:
    done = migrated(tmp_path, FILES)
    new = done.files["alembic/env.py"][1].decode()
    assert new.endswith(AFTER)
    assert "async def run_migrations_online() -> None:\n    connectable = async_engine_from_config(\n" in new
    assert [change.text for change in done.plan.changes] == ["Alembic's migrations run through run_sync()"]
    assert (done.plan.refusals, done.refused) == ([], [])


def test_engine_of_the_project(tmp_path: Path) -> None:
    start = ENV.index("    connectable = ")
    env = ENV[:start] + ENV[ENV.index("    with connectable") :].replace("connectable", "engine")
    env = env.replace("from config import URL", "from database import engine").replace(
        'config.set_main_option("sqlalchemy.url", URL)\n', ""
    )
    new = migrated(tmp_path, FILES | {"alembic/env.py": env}).files["alembic/env.py"][1].decode()
    assert (
        "    async with engine.connect() as connection:\n        await connection.run_sync(do_run_migrations)\n" in new
    )


def test_another_url_stays(tmp_path: Path) -> None:
    env = ENV.replace('set_main_option("sqlalchemy.url", URL)', 'set_main_option("sqlalchemy.url", "sqlite:///app.db")')
    assert sorted(migrated(tmp_path, FILES | {"alembic/env.py": env}).files) == ["config.py", "database.py"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "            context.run_migrations()  # all\n",
            "            context.run_migrations()\n\n    print('done')\n",
        ),
        ("            context.run_migrations()  # all\n", "            context.run_migrations()\n            return\n"),
        ("\nrun_migrations_online()", "\ndef both():\n    run_migrations_online()\n\n\nboth()"),
    ],
)
def test_other_forms_are_left_to_the_reader(tmp_path: Path, old: str, new: str) -> None:
    done = migrated(tmp_path, FILES | {"alembic/env.py": ENV.replace(old, new)})
    assert "alembic/env.py" not in done.files
    assert [note.text for note in done.plan.notes if "alembic init -t async" in note.text]


def test_environment_that_is_not_to_be_changed(tmp_path: Path) -> None:
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic" / "env.py").write_text(ENV, encoding="utf-8")
    done = migrated(tmp_path, {"config.py": CONFIG, "database.py": DATABASE})
    assert ("alembic/env.py", 11) in [(note.path, note.line) for note in done.plan.notes]


def test_url_that_a_test_sets(tmp_path: Path) -> None:
    tests = """\
import pytest
from alembic.config import Config
from sqlalchemy import create_engine


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/a.db"


@pytest.fixture
def config(url):
    config = Config("alembic.ini")
    config.set_main_option("sqlalchemy.url", url)
    return config, create_engine(url)
"""
    env = ENV.replace("config.set_main_option", "if URL:\n    config.set_main_option")
    done = migrated(tmp_path, {**FILES, "alembic/env.py": env, "tests/conftest.py": tests})
    assert done.files["alembic/env.py"][1].decode().endswith(AFTER)
