from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, fixed, other_form
from tests.proofs.tools import installed_tools
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

NO_CURSOR = "AttributeError: 'AsyncConnection' object has no attribute 'cursor'"
NO_GREENLET = "MissingGreenlet: greenlet_spawn has not been called"
PROGRAM = """
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy_utils import create_database, database_exists, drop_database
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

SERVER = "postgresql+asyncpg://localhost/app"
SQLITE = "sqlite+aiosqlite:///made.db"
engine = create_async_engine(SQLITE)


def start(**options):
    BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(**options)}).start()


FORM
"""


@pytest.mark.parametrize("series", SERIES)
def test_pandas_needs_a_synchronous_connection(series: str, tmp_path: Path) -> None:
    page, tools = load()["ASQ407"], installed_tools()
    after = awaiting("numbers()").replace("print(await numbers())", "print((await numbers()).number.tolist())")
    assert error(run(series, section(page, "Example") + after, cwd=tmp_path, paths=[tools])) == NO_CURSOR
    good = run(series, section(page, "Use instead") + after, cwd=tmp_path, paths=[tools])
    assert (good.returncode, good.stdout) == (0, "[1]\n")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("form", ["frame.to_sql('number', conn)", "pandas.read_sql_table('number', con=conn)"])
def test_pandas_methods_fail(series: str, form: str, tmp_path: Path) -> None:
    code = section(load()["ASQ407"], "Example").replace('pandas.read_sql("SELECT 1 AS number", conn)', form)
    code += "\n\nframe = pandas.DataFrame({'number': [1]})\n" + awaiting("numbers()")
    assert error(run(series, code, cwd=tmp_path, paths=[installed_tools()])) == NO_CURSOR


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("form", "claim"),
    [
        ("database_exists(SERVER)", NO_GREENLET),
        ("create_database(SERVER)", NO_GREENLET),
        ("drop_database(make_url(SERVER))", NO_GREENLET),
        ("create_database(engine.url)", NO_GREENLET),
        ("database_exists(engine)", "ArgumentError: Expected string or URL object"),
        ("start(url=SQLITE)", NO_GREENLET),
        ("start(engine=engine)", "AttributeError: 'AsyncEngine' object has no attribute '_run_ddl_visitor'"),
    ],
)
def test_each_tool_fails(series: str, form: str, claim: str, tmp_path: Path) -> None:
    done = run(series, PROGRAM.replace("FORM", form), cwd=tmp_path, paths=[installed_tools()])
    assert claim in error(done)


@pytest.mark.parametrize("series", SERIES)
def test_sqlite_files_are_looked_at_without_a_connection(series: str, tmp_path: Path) -> None:
    form = "print(database_exists(SQLITE))\nopen('made.db', 'wb').write(bytes(100))\ndrop_database(SQLITE)"
    done = run(series, PROGRAM.replace("FORM", form), cwd=tmp_path, paths=[installed_tools()])
    assert (done.returncode, done.stdout) == (0, "False\n")


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ407", tmp_path) == other_form("ASQ407")
