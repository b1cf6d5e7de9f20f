from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.proofs.transactions import attempts, renaming, results
from tests.sqlalchemy_versions import run

CLAIM = "ResourceClosedError: This Connection is closed"
RENAME = renaming("rename('Grace')")
CLOSED = "async with engine.connect() as conn:\n    pass\n"
REFUSED = {
    "executes": f"{CLOSED}await conn.execute(select(Item))",
    "scalar": f"{CLOSED}await conn.scalar(select(Item.id))",
    "streams": f"{CLOSED}await conn.stream(select(Item))",
    "creates": f"{CLOSED}await conn.run_sync(Base.metadata.create_all)",
    "begins": f"{CLOSED}async with conn.begin():\n    pass",
    "by_hand": "conn = await engine.connect()\nawait conn.close()\nawait conn.execute(select(Item))",
}


@pytest.mark.parametrize("series", SERIES)
def test_connection_is_closed(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ704", series, tmp_path, RENAME)).endswith(CLAIM)
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ704", series, tmp_path, RENAME)
    assert (good.returncode, good.stdout, good.stderr) == (0, "Grace\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_every_use_is_refused(series: str, tmp_path: Path) -> None:
    found = results(run(series, attempts(REFUSED), cwd=tmp_path).stdout)
    assert {name: result for name, (result, _) in found.items()} == dict.fromkeys(REFUSED, CLAIM)
