"""ASQ906: a method that begins a transaction fails for whoever has used the session before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

DRIVE = """

import asyncio
from sqlalchemy.ext.asyncio import create_async_engine


async def drive() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with AsyncSession(engine) as session:
        accounts = Accounts(session)
        print(await accounts.count())
        await accounts.audit()
    await engine.dispose()


asyncio.run(drive())
"""


@pytest.mark.parametrize("series", SERIES)
def test_a_used_session_has_begun_already(series: str, tmp_path: Path) -> None:
    bad = example("ASQ906", series, tmp_path, DRIVE)
    assert bad.stdout == "1\n"
    assert "InvalidRequestError: A transaction is already begun on this Session" in error(bad), bad.stderr
    good = use_instead("ASQ906", series, tmp_path, DRIVE)
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")
