from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

LISTED = """

from sqlalchemy import inspect


async def listed():
    await create_tables()
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync_connection: inspect(sync_connection).get_table_names())
"""
CREATION = "AttributeError: '{}' object has no attribute '_run_ddl_visitor'"
REFLECTION = "Inspection on an {} is currently not supported"
PROGRAM = """
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.automap import automap_base


async def other():
    async with engine.connect() as conn, AsyncSession(engine) as session:
        FORM
"""


@pytest.mark.parametrize("series", SERIES)
def test_async_engines_cannot_create_tables(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ402", series, tmp_path, LISTED + awaiting("listed()"))) == CREATION.format("AsyncEngine")
    good = use_instead("ASQ402", series, tmp_path, LISTED + awaiting("listed()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "['item']\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("form", "claim"),
    [
        ("metadata.create_all(conn)", CREATION.format("AsyncConnection")),
        ("metadata.drop_all(session)", CREATION.format("AsyncSession")),
        ("item.create(conn)", CREATION.format("AsyncConnection")),
        ("await session.run_sync(metadata.create_all)", CREATION.format("Session")),
        ("metadata.reflect(engine)", REFLECTION.format("AsyncEngine")),
        ("Table('other', MetaData(), autoload_with=conn)", REFLECTION.format("AsyncConnection")),
        ("automap_base().prepare(autoload_with=engine)", REFLECTION.format("AsyncEngine")),
        ("await session.run_sync(metadata.reflect)", "No inspection system is available"),
    ],
)
def test_each_form_fails(series: str, form: str, claim: str, tmp_path: Path) -> None:
    code = section(load()["ASQ402"], "Use instead") + PROGRAM.replace("FORM", form) + awaiting("other()")
    assert claim in error(run(series, code, cwd=tmp_path))


@pytest.mark.parametrize("series", SERIES)
def test_what_the_messages_advise_works(series: str, tmp_path: Path) -> None:
    forms = [
        "await (await session.connection()).run_sync(metadata.create_all)",
        "await session.commit()",
        "await conn.run_sync(MetaData().reflect, only=['item'])",
        "base = automap_base()",
        "await conn.run_sync(base.prepare)",
        "print(base.classes.keys())",
    ]
    code = section(load()["ASQ402"], "Use instead") + PROGRAM.replace("FORM", "\n        ".join(forms))
    done = run(series, code + awaiting("other()"), cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("['item']\nNone\n", "")


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ402", tmp_path) == other_form("ASQ402")
