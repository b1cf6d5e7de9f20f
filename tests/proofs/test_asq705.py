from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.proofs.transactions import attempts, results
from tests.sqlalchemy_versions import run

CLAIM = (
    "PendingRollbackError: This Session's transaction has been rolled back due to a previous exception during flush."
)
INSERT = """
import asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine


async def drive():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    try:
        async with AsyncSession(engine) as session:
            await insert_users(session, ["Ada", "Ada", "Grace"])
        async with AsyncSession(engine) as session:
            print(*await session.scalars(select(User.name).order_by(User.name)))
    finally:
        await engine.dispose()


asyncio.run(drive())
"""
OPEN = "async with factory() as session:\n    session.add(Item(sku='bolt'))\n    try:\n"
FAIL = f"{OPEN}        await session.flush()\n    except IntegrityError:\n        pass\n"
PENDING = {
    "reads": f"{FAIL}    await session.execute(select(Item))",
    "gets": f"{FAIL}    await session.get(Item, 1)",
    "commits": f"{FAIL}    await session.commit()",
    "flushes_again": f"{FAIL}    session.add(Item(sku='nut'))\n    await session.flush()",
    "savepoint": f"{FAIL}    await session.begin_nested()",
    "commit_failed": (
        f"{OPEN}        await session.commit()\n    except IntegrityError:\n        pass\n"
        "    await session.get(Item, 1)"
    ),
}
RIGHT = {
    "only_adds": f"{FAIL}    session.add(Item(sku='nut'))",
    "rolls_back": f"{FAIL}    await session.rollback()\n    await session.get(Item, 1)",
    "closes": f"{FAIL}    await session.close()\n    await session.get(Item, 1)",
    "in_a_savepoint": (
        "async with factory() as session:\n    try:\n        async with session.begin_nested():\n"
        "            session.add(Item(sku='bolt'))\n    except IntegrityError:\n        pass\n"
        "    await session.get(Item, 1)"
    ),
    "statement": (
        "async with factory() as session:\n    try:\n        await session.execute(insert(Item).values(sku='bolt'))\n"
        "    except IntegrityError:\n        pass\n    await session.get(Item, 1)"
    ),
}
BLOCK = {
    "in_a_block": (
        "async with factory.begin() as session:\n    session.add(Item(sku='bolt'))\n    try:\n"
        "        await session.flush()\n    except IntegrityError:\n        pass\n    await session.get(Item, 1)"
    )
}


@pytest.mark.parametrize("series", SERIES)
def test_next_use_raises(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ705", series, tmp_path, INSERT))
    good = use_instead("ASQ705", series, tmp_path, INSERT)
    assert (good.returncode, good.stdout, good.stderr) == (0, "Ada exists\nAda Grace\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_what_raises_and_what_runs(series: str, tmp_path: Path) -> None:
    found = results(run(series, attempts(PENDING | RIGHT | BLOCK), cwd=tmp_path).stdout)
    assert {name for name, (result, _) in found.items() if CLAIM in result} == set(PENDING)
    assert {name for name, (result, _) in found.items() if result == "ran"} == set(RIGHT)
    assert "InvalidRequestError: Can't operate on closed transaction inside context manager" in found["in_a_block"][0]


def test_fix_leads_to_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ705", tmp_path) == other_form("ASQ705")
