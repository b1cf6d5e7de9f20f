from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, fixed, other_form, use_instead
from tests.proofs.transactions import attempts, renaming, results
from tests.sqlalchemy_versions import run

RENAME = renaming("rename('Grace')")
BODIES = {
    "inserts": "async with engine.connect() as conn:\n    await conn.execute(insert(Item).values(sku='nut'))",
    "driver_sql": "async with engine.connect() as conn:\n    await conn.exec_driver_sql('DELETE FROM items')",
    "commits": (
        "async with engine.connect() as conn:\n    await conn.execute(insert(Item).values(sku='nut'))\n"
        "    await conn.commit()"
    ),
    "begins": "async with engine.begin() as conn:\n    await conn.execute(insert(Item).values(sku='nut'))",
}
LEFT = {"inserts": "bolt", "driver_sql": "bolt", "commits": "bolt nut", "begins": "bolt nut"}
DDL = """
import asyncio
import sys

from sqlalchemy import Column, Integer, MetaData, Table, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

metadata = MetaData()
Table("made_by_metadata", metadata, Column("id", Integer))


async def tables(engine):
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return sorted(name for name in names if name.startswith("made_by_"))  # other proofs share the server


async def main():
    engine = create_async_engine(sys.argv[1])
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE made_by_text (id integer)"))
        await connection.run_sync(metadata.create_all)
    print(await tables(engine))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    print(await tables(engine))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
    await engine.dispose()


asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_change_is_rolled_back_without_a_word(series: str, tmp_path: Path) -> None:
    bad = example("ASQ707", series, tmp_path, RENAME)
    assert (bad.returncode, bad.stdout, bad.stderr) == (0, "Ada\n", "")
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ707", series, tmp_path, RENAME)
    assert (good.returncode, good.stdout, good.stderr) == (0, "Grace\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_what_is_reported_is_lost_and_what_is_right_is_kept(series: str, tmp_path: Path) -> None:
    done = run(series, attempts(BODIES), cwd=tmp_path)
    assert {name: left for name, (result, left) in results(done.stdout).items() if result == "ran"} == LEFT, done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_postgresql_rolls_back_ddl_too(series: str, tmp_path: Path, postgres: str) -> None:
    done = run(series, DDL, postgres, cwd=tmp_path)
    assert done.stdout == "[]\n['made_by_metadata']\n", done.stderr


def test_fix_leads_to_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ707", tmp_path) == other_form("ASQ707")
