from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, example, use_instead

POST = """

import asyncio

import httpx
from sqlalchemy import func, select


async def drive():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            first = await client.post("/users/ada")
            second = await client.post("/users/ada")
        async with factory() as session:
            print(first.status_code, second.status_code, await session.scalar(select(func.count()).select_from(User)))
    finally:
        await engine.dispose()


asyncio.run(drive())
"""


@pytest.mark.parametrize("series", SERIES)
def test_client_is_told_201_although_the_commit_failed(series: str, tmp_path: Path) -> None:
    bad = example("ASQ706", series, tmp_path, POST)
    assert (bad.returncode, bad.stdout) == (0, "201 201 1\n"), bad.stderr
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ706", series, tmp_path, POST)
    assert (good.returncode, good.stdout) == (0, "201 500 1\n"), good.stderr
