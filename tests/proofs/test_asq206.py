from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error
from tests.rules.kit import fix, lint
from tests.sqlalchemy_versions import run

PROGRAM = """
import asyncio
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///app.db")
factory = async_sessionmaker(engine)
{}


@app.get("/")
async def endpoint(request: Request) -> int:
    return await request.app.state.session.scalar(text("SELECT 1"))


async def main() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
        async with app.router.lifespan_context(app):
            answers = await asyncio.gather(*(client.get("/") for _ in range(5)))
        print([answer.json() for answer in answers])
    await engine.dispose()


asyncio.run(main())
"""
AT_IMPORT = """
app = FastAPI()
app.state.session = factory()
"""
IN_BLOCK = """
@asynccontextmanager
async def lifespan(app):
    async with factory() as session:
        app.state.session = session
        yield


app = FastAPI(lifespan=lifespan)
"""
BY_NAME = """
@asynccontextmanager
async def lifespan(app):
    session = factory()
    app.state.session = session
    yield
    await session.close()


app = FastAPI(lifespan=lifespan)
"""
CLAIMS = ("concurrent operations are not permitted", "IllegalStateChangeError")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("start", [AT_IMPORT, IN_BLOCK, BY_NAME], ids=["at import", "in a block", "by name"])
def test_requests_break_the_session_that_they_share(start: str, series: str, tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(PROGRAM.format(start.strip()), encoding="utf-8")
    assert {place.code for place in lint(path)} == {"ASQ206"}
    message = error(run(series, path, cwd=tmp_path))
    assert any(claim in message for claim in CLAIMS)

    fix(path)
    assert lint(path) == []
    good = run(series, path, cwd=tmp_path)
    assert (good.stdout, good.stderr) == ("[1, 1, 1, 1, 1]\n", "")
