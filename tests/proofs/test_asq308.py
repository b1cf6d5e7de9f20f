"""Only streamed results are iterated asynchronously."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_session
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

ASYNC_FOR = "TypeError: 'async for' requires an object with __aiter__ method, got "


@pytest.mark.parametrize("series", SERIES)
def test_stream_of_a_session_is_a_coroutine(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ308", series, tmp_path, with_session("export(session)"))) == f"{ASYNC_FOR}coroutine"
    good = use_instead("ASQ308", series, tmp_path, with_session("export(session)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "('bolt',)\nNone\nrows 0\n", "")


LOOPS = {
    "async for row in await session.scalars(query)": f"{ASYNC_FOR}ScalarResult",
    "async for row in session.scalars(query)": f"{ASYNC_FOR}coroutine",
    "async for row in (await session.execute(query)).all()": f"{ASYNC_FOR}list",
    "for row in await session.stream(query)": "TypeError: 'AsyncResult' object is not iterable",
    "for row in (await session.stream(query)).scalars()": "TypeError: 'AsyncScalarResult' object is not iterable",
}


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("loop", LOOPS)
def test_other_loops(series: str, loop: str, tmp_path: Path) -> None:
    code = f"""
from sqlalchemy import text

async def attempt(session):
    query = text("SELECT 'bolt'")
    {loop}:
        pass
"""
    assert error(run(series, code + with_session("attempt(session)"), cwd=tmp_path)) == LOOPS[loop]
