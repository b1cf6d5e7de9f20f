from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.proofs.transactions import attempts, renaming, results
from tests.sqlalchemy_versions import run

CLAIM = "Can't operate on closed transaction inside context manager."
RENAME = renaming("rename(['Grace', 'Joan'])")
IN_BLOCK = "async with factory() as session, session.begin():\n    session.add(Item(sku='nut'))\n"
REFUSED = {
    "adds": f"{IN_BLOCK}    await session.commit()\n    session.add(Item(sku='pin'))",
    "reads": f"{IN_BLOCK}    await session.commit()\n    await session.execute(select(Item))",
    "commits": f"{IN_BLOCK}    await session.commit()\n    await session.commit()",
    "rolls_back": f"{IN_BLOCK}    await session.rollback()\n    await session.execute(select(Item))",
    "closes": f"{IN_BLOCK}    await session.close()\n    await session.execute(select(Item))",
    "factory": "async with factory.begin() as session:\n    await session.commit()\n    session.add(Item(sku='pin'))",
    "engine": "async with engine.begin() as conn:\n    await conn.commit()\n    await conn.execute(select(Item))",
    "savepoint": (
        "async with factory() as session:\n    async with session.begin_nested():\n        await session.commit()\n"
        "        await session.execute(select(Item))"
    ),
}
RIGHT = {
    "last": f"{IN_BLOCK}    await session.commit()",
    "last_rollback": f"{IN_BLOCK}    await session.rollback()",
    "looks": f"{IN_BLOCK}    await session.commit()\n    session.expunge_all()\n    session.in_transaction()",
    "engine_twice": "async with engine.begin() as conn:\n    await conn.commit()\n    await conn.commit()",
}


@pytest.mark.parametrize("series", SERIES)
def test_nothing_more_may_run_in_the_block(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ702", series, tmp_path, RENAME))
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ702", series, tmp_path, RENAME)
    assert (good.returncode, good.stdout, good.stderr) == (0, "Joan\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_what_is_refused_and_what_runs(series: str, tmp_path: Path) -> None:
    found = results(run(series, attempts(REFUSED | RIGHT), cwd=tmp_path).stdout)
    assert {name for name, (result, _) in found.items() if CLAIM in result} == set(REFUSED)
    assert {name for name, (result, _) in found.items() if result == "ran"} == set(RIGHT)


def test_fix_leads_to_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ702", tmp_path) == other_form("ASQ702")
