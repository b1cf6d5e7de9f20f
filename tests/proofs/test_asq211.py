from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, error
from tests.rules.kit import fix, lint
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

SMALL_POOL = ('app.db")', 'app.db", pool_size=2, max_overflow=0, pool_timeout=0.2)')
AFTER = """
import asyncio

async def main():
    import gc

    gc.disable()
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS users (id INTEGER)"))
    kept = []
    add = factory.__class__.__call__
    factory.__class__.__call__ = lambda self, **options: kept.append(add(self, **options)) or kept[-1]
    try:
        print([await count_users() for _ in range(3)])
    finally:
        for session in kept:
            await session.close()
        await engine.dispose()

asyncio.run(main())
"""
DEPENDENCY = """
import asyncio

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///app.db", pool_size=2, max_overflow=0, pool_timeout=0.2)
factory = async_sessionmaker(engine)
app = FastAPI()


async def get_session() -> AsyncSession:
    return factory()


@app.get("/")
async def endpoint(session: AsyncSession = Depends(get_session)) -> int:
    held.append(session)
    return await session.scalar(text("SELECT 1"))


held = []


async def main() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
        try:
            print([(await client.get("/")).json() for _ in range(3)])
        finally:
            for session in held:
                await session.close()
            await engine.dispose()


asyncio.run(main())
"""
CLAIM = "TimeoutError: QueuePool limit of size 2 overflow 0 reached, connection timed out"


@pytest.mark.parametrize("series", SERIES)
def test_pool_runs_dry_until_the_session_is_closed(series: str, tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(section(load()["ASQ211"], "Example"), encoding="utf-8")
    page = path.read_text(encoding="utf-8")
    assert CLAIM in error(run(series, page.replace(*SMALL_POOL) + AFTER, cwd=tmp_path))

    assert fix(path) == section(load()["ASQ211"], "Use instead")
    good = run(series, path.read_text(encoding="utf-8").replace(*SMALL_POOL) + AFTER, cwd=tmp_path)
    assert (good.stdout, good.stderr) == ("[0, 0, 0]\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_dependency_that_returns_its_session_empties_the_pool(series: str, tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(DEPENDENCY, encoding="utf-8")
    assert CLAIM in error(run(series, path, cwd=tmp_path))

    fix(path)
    assert lint(path) == []
    good = run(series, path, cwd=tmp_path)
    assert (good.stdout, good.stderr) == ("[1, 1, 1]\n", "")


UNFINISHED = """
async def get_session() -> AsyncIterator[AsyncSession]:
    session = factory()
    yield session
    await session.commit()


@app.get("/")
async def endpoint(session: AsyncSession = Depends(get_session)) -> None:
    held.append(session)
    await session.execute(text("SELECT 1"))
    raise HTTPException(404)
"""


def test_request_that_fails_skips_the_commit_after_the_yield(tmp_path: Path) -> None:
    start, end = DEPENDENCY.index("async def get_session"), DEPENDENCY.index("held = []")
    program = f"from collections.abc import AsyncIterator\n{DEPENDENCY[:start]}{UNFINISHED}{DEPENDENCY[end:]}"
    program = program.replace("import Depends,", "import Depends, HTTPException,")
    assert CLAIM in error(run("2.1", program, cwd=tmp_path))
