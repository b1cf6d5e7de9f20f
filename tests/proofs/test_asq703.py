from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.proofs.transactions import attempts, renaming, results
from tests.sqlalchemy_versions import run

CLAIM = "A transaction is already begun on this Session."
CONNECTION = "This connection has already initialized a SQLAlchemy Transaction() object via begin() or autobegin"
DISABLED = "Autobegin is disabled on this Session; please call session.begin() to start a new transaction"
RENAME = renaming("rename('Grace')")
OPEN = "async with factory() as session:\n"
BEGIN = "\n    async with session.begin():\n        pass"
CONNECT = "async with engine.connect() as session:\n"
BEGUN = {
    "executes": f"{OPEN}    await session.execute(select(Item)){BEGIN}",
    "gets": f"{OPEN}    await session.get(Item, 1){BEGIN}",
    "adds": f"{OPEN}    session.add(Item(sku='nut')){BEGIN}",
    "begins": f"{OPEN}    await session.begin(){BEGIN}",
    "savepoint": f"{OPEN}    async with session.begin_nested():\n        pass{BEGIN}",
    "of_factory": f"async with factory.begin() as session:{BEGIN}",
}
BEGUN_CONNECTIONS = {
    "queried": f"{CONNECT}    await session.execute(select(Item)){BEGIN}",
    "creates": f"{CONNECT}    await session.run_sync(Base.metadata.create_all){BEGIN}",
    "of_engine": f"async with engine.begin() as session:{BEGIN}",
}
OFF = {
    "reads": f"{OPEN}    await session.execute(select(Item))",
    "keeps": f"{OPEN}    session.add(Item(sku='nut'))",
    "commits": f"{OPEN}    await session.commit()",
}
RIGHT = {
    "first": f"{OPEN}{BEGIN}{BEGIN}",
    "after_commit": f"{OPEN}    await session.get(Item, 1)\n    await session.commit(){BEGIN}",
    "after_rollback": f"{OPEN}    await session.get(Item, 1)\n    await session.rollback(){BEGIN}",
    "after_close": f"{OPEN}    await session.get(Item, 1)\n    await session.close(){BEGIN}",
    "told": f"{OPEN}    session.expire_all()\n    await session.flush()\n    session.add_all([]){BEGIN}",
    "from_identity_map": (
        f"{OPEN}    item = await session.get(Item, 1)\n    await session.commit()\n"
        f"    await session.get(Item, 1){BEGIN}"
    ),
}


@pytest.mark.parametrize("series", SERIES)
def test_second_begin_is_refused(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ703", series, tmp_path, RENAME))
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ703", series, tmp_path, RENAME)
    assert (good.returncode, good.stdout, good.stderr) == (0, "Grace 1\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_what_is_refused_and_what_runs(series: str, tmp_path: Path) -> None:
    program = attempts(BEGUN | BEGUN_CONNECTIONS | OFF | RIGHT, dict.fromkeys(OFF, "autobegin=False"))
    found = results(run(series, program, cwd=tmp_path).stdout)
    assert {name for name, (result, _) in found.items() if CLAIM in result} == set(BEGUN)
    assert {name for name, (result, _) in found.items() if CONNECTION in result} == set(BEGUN_CONNECTIONS)
    assert {name for name, (result, _) in found.items() if DISABLED in result} == set(OFF)
    assert {name for name, (result, _) in found.items() if result == "ran"} == set(RIGHT)
