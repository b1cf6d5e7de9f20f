from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

CLAIM = "AsyncMethodRequired: Can't set server_side_cursors for async engine globally"


@pytest.mark.parametrize("series", SERIES)
def test_async_engine_refuses_server_side_cursors(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ108", series, tmp_path))
    good = use_instead("ASQ108", series, tmp_path)
    assert (good.returncode, good.stderr) == (0, "")


MADE = "from sqlalchemy import create_engine\nfrom sqlalchemy.ext.asyncio import create_async_engine\n"
REFUSED = [
    ('create_async_engine("sqlite+aiosqlite://", future=False)', "ArgumentError: The 'future' parameter passed to"),
    (
        'create_async_engine("sqlite+aiosqlite://", strategy="threadlocal")',
        "ArgumentError: unknown strategy: 'threadlocal'",
    ),
    ('create_engine("sqlite://", async_creator=None)', "TypeError: Invalid argument(s) 'async_creator' sent to"),
]
CONNECT = """
import asyncio, aiosqlite
from sqlalchemy.ext.asyncio import create_async_engine

async def connect():
    return await aiosqlite.connect(":memory:")

async def main():
    engine = create_async_engine("sqlite+aiosqlite://", {name}=connect)
    async with engine.connect():
        pass
    await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(("call", "claim"), REFUSED)
def test_engine_refuses_keyword(series: str, call: str, claim: str) -> None:
    assert claim in error(run(series, MADE + call))


@pytest.mark.parametrize("series", SERIES)
def test_engine_cannot_use_a_coroutine_as_creator(series: str) -> None:
    assert "AttributeError: 'coroutine' object has no attribute" in error(run(series, CONNECT.format(name="creator")))
    good = run(series, CONNECT.format(name="async_creator"))
    assert (good.returncode, good.stderr) == (0, "")
