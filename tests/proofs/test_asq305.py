"""A buffered result has its rows, and nothing to await."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_session
from tests.proofs.programs import SERIES, error, example, not_awaitable, use_instead
from tests.sqlalchemy_versions import run


@pytest.mark.parametrize("series", SERIES)
def test_list_of_rows_cannot_be_awaited(series: str, tmp_path: Path) -> None:
    bad = example("ASQ305", series, tmp_path, with_session("names(session)"))
    assert error(bad) == not_awaitable("list")
    good = use_instead("ASQ305", series, tmp_path, with_session("names(session)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "['bolt']\nrows 0\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_streamed_results_are_awaited(series: str, tmp_path: Path) -> None:
    code = """
from sqlalchemy import text

async def names(session):
    result = await session.stream(text("SELECT 'bolt'"))
    return await result.scalars().all()
"""
    done = run(series, code + with_session("names(session)"), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "['bolt']\nrows 0\n", "")
