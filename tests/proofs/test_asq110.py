from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, fixed, other_form, use_instead

REQUESTS = 10
COUNT = f"""
import asyncio, os
import httpx
import sqlalchemy.event
from sqlalchemy.pool import Pool

pools = set()
sqlalchemy.event.listen(Pool, "first_connect", lambda connection, record: pools.add(record._ConnectionRecord__pool))

async def requests():
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for _ in range({REQUESTS}):
            assert (await client.get("/ping")).json() == 1
    print(len(pools), sum(pool.checkedin() for pool in pools), flush=True)
    os._exit(0)

asyncio.run(requests())
"""


@pytest.mark.parametrize("series", SERIES)
def test_every_request_leaves_an_idle_connection(series: str, tmp_path: Path) -> None:
    assert example("ASQ110", series, tmp_path, COUNT).stdout.split() == [str(REQUESTS)] * 2
    assert use_instead("ASQ110", series, tmp_path, COUNT).stdout.split() == ["1", "1"]


def test_fix_makes_one_engine(tmp_path: Path) -> None:
    assert ast.dump(ast.parse(fixed("ASQ110", tmp_path))) == ast.dump(ast.parse(other_form("ASQ110")))
