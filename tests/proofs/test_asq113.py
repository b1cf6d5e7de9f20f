from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import error, example, use_instead
from tests.sqlalchemy_versions import run

CLAIM = "ImportError: cannot import name 'FallbackAsyncAdaptedQueuePool' from 'sqlalchemy.pool'"
FALLBACK = """
import asyncio, sys
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine(sys.argv[1] + "&async_fallback=true")
    async with engine.connect():
        pass
    await engine.dispose()

asyncio.run(main())
"""
OLDEST = [
    ("from sqlalchemy.ext.asyncio import async_sessionmaker", "ImportError: cannot import name 'async_sessionmaker'"),
    ("from sqlalchemy.ext.asyncio import AsyncAttrs", "ImportError: cannot import name 'AsyncAttrs'"),
    ("import sqlalchemy\nsqlalchemy.create_engine('postgresql+psycopg://')", "NoSuchModuleError: Can't load plugin"),
    (
        "from sqlalchemy.ext.asyncio import AsyncSession\nAsyncSession.get_one",
        "AttributeError: type object",
    ),
]


def test_newest_series_lacks_the_pool(tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ113", "2.1", tmp_path))
    assert example("ASQ113", "2.0", tmp_path).returncode == 0
    for series in ("2.0", "2.1"):
        good = use_instead("ASQ113", series, tmp_path)
        assert (good.returncode, good.stderr) == (0, "")


def test_newest_series_lacks_the_fallback(postgres: str) -> None:
    assert "unexpected keyword argument 'async_fallback'" in error(run("2.1", FALLBACK, postgres))
    assert run("2.0", FALLBACK, postgres).returncode == 0


@pytest.mark.parametrize(("code", "claim"), OLDEST)
def test_oldest_series_lacks_what_came_later(code: str, claim: str) -> None:
    assert claim in error(run("1.4", code))
    assert run("2.0", code).returncode == 0
