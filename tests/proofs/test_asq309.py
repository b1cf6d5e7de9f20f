"""What is neither awaited nor entered does nothing, without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_engine, with_session
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run


@pytest.mark.parametrize("series", SERIES)
def test_bare_savepoint_is_silent(series: str, tmp_path: Path) -> None:
    done = example("ASQ309", series, tmp_path, with_session("try_item(session)"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "None\nrows 0\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_bare_begin_begins_nothing(series: str, tmp_path: Path) -> None:
    code = """
async def begun(session):
    session.begin()
    before = session.in_transaction()
    await session.begin()
    return before, session.in_transaction()
"""
    done = run(series, code + with_session("begun(session)"), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "(False, True)\nrows 0\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_savepoint_exists_once_it_is_awaited(series: str, tmp_path: Path) -> None:
    code = """
async def begun(session):
    session.begin_nested()
    before = session.in_nested_transaction()
    await session.begin_nested()
    return before, session.in_nested_transaction()
"""
    done = run(series, code + with_session("begun(session)"), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "(False, True)\nrows 0\n", "")
    good = use_instead("ASQ309", series, tmp_path, with_session("try_item(session)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "None\nrows 0\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_connection_that_is_not_started_cannot_be_used(series: str, tmp_path: Path) -> None:
    claim = "AsyncConnection context has not been started and object has not been awaited."
    done = run(series, with_engine("engine.connect().execute(text('SELECT 1'))"), cwd=tmp_path)
    assert error(done) == f"sqlalchemy.ext.asyncio.exc.AsyncContextNotStarted: {claim}"
