from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, example, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

SESSION = """

from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")
streaming = create_async_engine("sqlite+aiosqlite://", execution_options={"stream_results": True})
streamed = text("SELECT 1").execution_options(stream_results=True)


async def use():
    async with AsyncSession(engine) as session, engine.connect() as conn, streaming.connect() as streaming_conn:
        FORM
    await streaming.dispose()
"""
CLAIM = "Can't use the Async{}() method with a server-side cursor."


@pytest.mark.parametrize("series", SERIES)
def test_sessions_refuse_server_side_cursors(series: str, tmp_path: Path) -> None:
    after = SESSION.replace("FORM", "print(await numbers(session))") + awaiting("use()")
    assert CLAIM.format("Session.execute") in example("ASQ409", series, tmp_path, after).stderr
    good = use_instead("ASQ409", series, tmp_path, after)
    assert (good.returncode, good.stdout, good.stderr) == (0, "[1]\nNone\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("form", "claim"),
    [
        ("await session.scalars(streamed)", CLAIM.format("Session.execute")),
        (
            "await session.execute(text('SELECT 1'), execution_options={'yield_per': 5})",
            CLAIM.format("Session.execute"),
        ),
        ("await conn.scalar(streamed)", CLAIM.format("Connection.execute")),
        ("await streaming_conn.execute(text('SELECT 1'))", CLAIM.format("Connection.execute")),
        (
            "await (await conn.execution_options(yield_per=5)).execute(text('SELECT 1'))",
            CLAIM.format("Connection.execute"),
        ),
        (
            "await conn.exec_driver_sql('SELECT 1', execution_options={'stream_results': True})",
            CLAIM.format("Connection.exec_driver_sql"),
        ),
    ],
)
def test_each_place_counts(series: str, form: str, claim: str, tmp_path: Path) -> None:
    code = section(load()["ASQ409"], "Use instead") + SESSION.replace("FORM", form) + awaiting("use()")
    assert claim in run(series, code, cwd=tmp_path).stderr


@pytest.mark.parametrize("series", SERIES)
def test_scalar_of_a_session_takes_them(series: str, tmp_path: Path) -> None:
    form = "print(await session.scalar(streamed))"
    code = section(load()["ASQ409"], "Use instead") + SESSION.replace("FORM", form) + awaiting("use()")
    done = run(series, code, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("1\nNone\n", "")
