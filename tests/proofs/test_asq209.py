"""What goes on after the request takes or keeps a pooled connection; a session of its own gives it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, error
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

SMALL_POOL = '"sqlite+aiosqlite:///app.db", pool_size=1, max_overflow=0, pool_timeout=0.3'
DRIVER = """
import gc
import httpx

async def main():
    gc.disable()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://app.test") as client:
        await client.get("/items/1")
        await asyncio.gather(*tasks)
        async with factory() as session:
            print("rows", await session.scalar(text("SELECT 1")))
    await engine.dispose()

asyncio.run(main())
"""
APP = f"""
import asyncio
from collections.abc import AsyncIterator
import httpx
from fastapi import BackgroundTasks, Depends, FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine({SMALL_POOL})
factory = async_sessionmaker(engine)
app = FastAPI()
stop = asyncio.Event()

async def get_session() -> AsyncIterator[AsyncSession]:
    async with factory() as session:
        yield session
"""
STREAM = (
    APP
    + """
async def events():
    yield "data: x"
    await stop.wait()

@app.get("/stream")
async def stream(session: AsyncSession = Depends(get_session)):
    await session.execute(text("SELECT 1"))
    CLOSE
    return StreamingResponse(events())

async def main():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://app.test") as client:
        streaming = asyncio.create_task(client.get("/stream"))
        await asyncio.sleep(0.3)
        try:
            async with factory() as session:
                print("rows", await session.scalar(text("SELECT 1")))
        finally:
            stop.set()
            await streaming
            await engine.dispose()

asyncio.run(main())
"""
)
SOCKET = (
    APP
    + """
@app.websocket("/ws")
async def socket(websocket: WebSocket, session: AsyncSession = Depends(get_session)):
    await websocket.accept()
    while True:
        await websocket.receive_text()
        await session.execute(text("SELECT 1"))
        CLOSE
        await websocket.send_text(str(engine.pool.checkedout()))

with TestClient(app).websocket_connect("/ws") as websocket:
    websocket.send_text("x")
    print("held", websocket.receive_text())
"""
)
BACKGROUND = (
    APP
    + """
async def record(session):
    print("held", engine.pool.checkedout())

@app.post("/")
async def save(tasks: BackgroundTasks, session: AsyncSession = Depends(get_session)):
    await session.execute(text("SELECT 1"))
    tasks.add_task(record, session)

TestClient(app).post("/")
"""
)
FULL = "sqlalchemy.exc.TimeoutError: QueuePool limit of size 1 overflow 0 reached"


def page(heading: str) -> str:
    """Take a page's program, with a pool of one connection."""
    return section(load()["ASQ209"], heading).replace('"sqlite+aiosqlite:///app.db"', SMALL_POOL) + DRIVER


@pytest.mark.parametrize("series", SERIES)
def test_a_closed_session_takes_a_connection_that_nobody_returns(series: str, tmp_path: Path) -> None:
    done = run(series, page("Example"), cwd=tmp_path)
    assert done.returncode
    assert FULL in done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_a_session_of_the_task_gives_it_back(series: str, tmp_path: Path) -> None:
    done = run(series, page("Use instead"), cwd=tmp_path)
    assert (error(done), done.stdout) == ("", "rows 1\n")


@pytest.mark.parametrize("series", SERIES)
def test_a_stream_keeps_the_connection_of_a_session_that_is_left_open(series: str, tmp_path: Path) -> None:
    assert error(run(series, STREAM.replace("CLOSE", "pass"), cwd=tmp_path)).startswith(FULL)
    done = run(series, STREAM.replace("CLOSE", "await session.close()"), cwd=tmp_path)
    assert (error(done), done.stdout) == ("", "rows 1\n")


@pytest.mark.parametrize("series", SERIES)
def test_a_websocket_loop_keeps_the_connection_until_it_commits(series: str, tmp_path: Path) -> None:
    assert run(series, SOCKET.replace("CLOSE", "pass"), cwd=tmp_path).stdout == "held 1\n"
    assert run(series, SOCKET.replace("CLOSE", "await session.commit()"), cwd=tmp_path).stdout == "held 0\n"


@pytest.mark.parametrize("series", SERIES)
def test_a_background_task_keeps_the_connection_of_its_request(series: str, tmp_path: Path) -> None:
    assert run(series, BACKGROUND, cwd=tmp_path).stdout == "held 1\n"
