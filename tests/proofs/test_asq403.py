from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

CLAIM = "Inspection on an {} is currently not supported"


@pytest.mark.parametrize("series", SERIES)
def test_async_connections_cannot_be_inspected(series: str, tmp_path: Path) -> None:
    assert CLAIM.format("AsyncConnection") in error(example("ASQ403", series, tmp_path, awaiting("tables()")))
    good = use_instead("ASQ403", series, tmp_path, awaiting("tables()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "[]\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("form", "claim"),
    [
        ("inspect(engine)", CLAIM.format("AsyncEngine")),
        ("Inspector.from_engine(engine).get_table_names()", "'coroutine' object has no attribute 'scalars'"),
        ("Inspector(conn).get_table_names()", "'coroutine' object has no attribute 'scalars'"),
        ("inspect(AsyncSession(engine))", "No inspection system is available"),
        ("(await conn.run_sync(inspect)).get_table_names()", "MissingGreenlet"),
        ("(await conn.run_sync(lambda c: inspect(c))).has_table('item')", "MissingGreenlet"),
    ],
)
def test_each_form_fails(series: str, form: str, claim: str, tmp_path: Path) -> None:
    more = f"""

from sqlalchemy.engine import Inspector
from sqlalchemy.ext.asyncio import AsyncSession


async def other():
    async with engine.connect() as conn:
        {form}
"""
    code = section(load()["ASQ403"], "Use instead") + more + awaiting("other()")
    assert claim in run(series, code, cwd=tmp_path).stderr


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ403", tmp_path) == other_form("ASQ403")
