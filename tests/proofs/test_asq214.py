from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

CLAIM = "TypeError: async_scoped_session.__init__() missing 1 required positional argument: 'scopefunc'"
AFTER = """
async def main():
    sessions()
    await clean_up()

__import__("asyncio").run(main())
"""
HEAD = """
import asyncio, threading
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///app.db")
factory = async_sessionmaker(engine)

async def use(sessions):
    sessions()
"""
CALLED = "asyncio.run(use(async_scoped_session(factory, scopefunc=asyncio.current_task())))"
INSIDE = """
async def main():
    await use(async_scoped_session(factory, scopefunc=asyncio.current_task()))

asyncio.run(main())
"""
NONE = "asyncio.run(use(async_scoped_session(factory, scopefunc=None)))"
ENGINE = "asyncio.run(use(async_scoped_session(engine, scopefunc=asyncio.current_task)))"
THREAD = """
sessions = async_scoped_session(factory, scopefunc=threading.get_ident)

async def work():
    await sessions.execute(text("SELECT 1"))

async def main():
    try:
        await asyncio.gather(work(), work())
    finally:
        await asyncio.sleep(0.1)
        await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_registry_wants_a_scope(series: str, tmp_path: Path) -> None:
    assert CLAIM in error(example("ASQ214", series, tmp_path))
    good = use_instead("ASQ214", series, tmp_path, AFTER)
    assert (good.returncode, good.stderr) == (0, "")


@pytest.mark.parametrize(
    ("code", "claim"),
    [
        (INSIDE, "TypeError: '_asyncio.Task' object is not callable"),
        (CALLED, "RuntimeError: no running event loop"),
        (NONE, "TypeError: 'NoneType' object is not callable"),
        (ENGINE, "TypeError: 'AsyncEngine' object is not callable"),
        (THREAD, "concurrent operations are not permitted"),
    ],
    ids=["called", "called-outside", "none", "engine", "thread"],
)
@pytest.mark.parametrize("series", SERIES)
def test_registry_cannot_make_a_session(series: str, code: str, claim: str, tmp_path: Path) -> None:
    done = run(series, HEAD + code, cwd=tmp_path)
    assert done.returncode == 1
    assert claim in done.stderr
