from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, use_instead
from tests.proofs.transactions import attempts, renaming, results
from tests.sqlalchemy_versions import run

RENAME = renaming("rename('Grace')")
BODIES = {
    "adds": "async with factory() as session:\n    session.add(Item(sku='nut'))",
    "flushes": "async with factory() as session:\n    session.add(Item(sku='nut'))\n    await session.flush()",
    "deletes": "async with factory() as session:\n    await session.delete(await session.get(Item, 1))",
    "returns": (
        "async with factory() as session:\n    await session.delete(await session.get(Item, 1))\n    return True"
    ),
    "updates": "async with factory() as session:\n    await session.execute(update(Item).values(sku='nut'))",
    "after_block": (
        "async with factory() as session:\n    async with session.begin():\n        session.add(Item(sku='nut'))\n"
        "    session.add(Item(sku='pin'))"
    ),
    "commits": "async with factory() as session:\n    session.add(Item(sku='nut'))\n    await session.commit()",
    "begins": "async with factory.begin() as session:\n    session.add(Item(sku='nut'))",
}
LEFT = {
    "adds": "bolt",
    "flushes": "bolt",
    "deletes": "bolt",
    "returns": "bolt",
    "updates": "bolt",
    "after_block": "bolt nut",
    "commits": "bolt nut",
    "begins": "bolt nut",
}


@pytest.mark.parametrize("series", SERIES)
def test_change_is_lost_without_a_word(series: str, tmp_path: Path) -> None:
    bad = example("ASQ701", series, tmp_path, RENAME)
    assert (bad.returncode, bad.stdout, bad.stderr) == (0, "Ada\n", "")
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ701", series, tmp_path, RENAME)
    assert (good.returncode, good.stdout, good.stderr) == (0, "Grace\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_what_is_reported_is_lost_and_what_is_right_is_kept(series: str, tmp_path: Path) -> None:
    done = run(series, attempts(BODIES), cwd=tmp_path)
    assert {name: left for name, (result, left) in results(done.stdout).items() if result == "ran"} == LEFT, done.stderr


SAVEPOINT = """
import asyncio
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


async def main(url):
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS users"))
        await connection.execute(text("CREATE TABLE users (name varchar(40))"))
    async with AsyncSession(engine) as session:
        async with session.begin_nested():
            await session.execute(text("INSERT INTO users VALUES ('Ada')"))
    async with AsyncSession(engine) as session:
        print(*await session.scalars(text("SELECT name FROM users")))
    await engine.dispose()


for url in sys.argv[1:]:
    asyncio.run(main(url))
"""


@pytest.mark.parametrize("series", SERIES)
def test_first_savepoint_is_lost_on_postgresql_and_kept_by_sqlite(series: str, tmp_path: Path, postgres: str) -> None:
    done = run(series, SAVEPOINT, postgres, "sqlite+aiosqlite:///app.db", cwd=tmp_path)
    assert done.stdout == "\nAda\n", done.stderr
