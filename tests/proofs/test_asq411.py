from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, example, fixed, other_form, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

SESSION = """

from sqlalchemy import Column, Integer, MetaData, Table, inspect
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")
metadata = MetaData()
item = Table("item", metadata, Column("id", Integer, primary_key=True))


def helper(session):
    return session.execute(text("SELECT 1"))


async def use():
    async with AsyncSession(engine) as session, engine.connect() as conn:
        FORM
"""
CLAIM = "greenlet_spawn has not been called; can't call await_"
OTHER = "create_async_engine('sqlite+aiosqlite:///other.db')"


@pytest.mark.parametrize("series", SERIES)
def test_sync_objects_cannot_do_io(series: str, tmp_path: Path) -> None:
    after = SESSION.replace("FORM", "return await ping(session)") + awaiting("use()")
    assert CLAIM in example("ASQ411", series, tmp_path, after).stderr
    good = use_instead("ASQ411", series, tmp_path, after)
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    "form",
    [
        "session.sync_session.query(item).all()",
        f"AsyncSession({OTHER}).sync_session.connection()",
        "helper(session.sync_session)",
        "metadata.create_all(engine.sync_engine)",
        "metadata.create_all(conn.sync_connection)",
        "conn.sync_connection.execute(text('SELECT 1'))",
        "conn.sync_connection.exec_driver_sql('SELECT 1')",
        f"{OTHER}.sync_engine.connect()",
        f"inspect({OTHER}.sync_engine)",
        "inspect(conn.sync_connection).get_table_names()",
        "Table('other', MetaData(), autoload_with=conn.sync_connection)",
    ],
)
def test_each_form_fails(series: str, form: str, tmp_path: Path) -> None:
    code = section(load()["ASQ411"], "Use instead") + SESSION.replace("FORM", form) + awaiting("use()")
    done = run(series, code, cwd=tmp_path)
    assert CLAIM in done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_what_is_silent_works(series: str, tmp_path: Path) -> None:
    forms = [
        "session.sync_session.add_all([])",
        "session.sync_session.expire_on_commit = False",
        "inspect(conn.sync_connection)",
        "await session.run_sync(lambda _: helper(session.sync_session))",
    ]
    code = section(load()["ASQ411"], "Use instead") + SESSION.replace("FORM", "\n        ".join(forms))
    done = run(series, code + awaiting("use()"), cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("None\n", "")


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ411", tmp_path) == other_form("ASQ411")
