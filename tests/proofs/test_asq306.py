"""Each object supports one of the two statements."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_engine, with_session
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run


def refused(done_error: str, protocol: str) -> bool:
    """Recognise the refusal in the words of Python 3.11, 3.14 (which goes on with an advice) and 3.10."""
    dunder = "__aenter__" if "asynchronous" in protocol else "__enter__"
    return f"object does not support the {protocol} protocol" in done_error or (
        done_error == f"AttributeError: {dunder}"
    )


@pytest.mark.parametrize("series", SERIES)
def test_engine_wants_async_with(series: str, tmp_path: Path) -> None:
    assert refused(error(example("ASQ306", series, tmp_path, with_engine("ping(engine)"))), "context manager")
    good = use_instead("ASQ306", series, tmp_path, with_engine("ping(engine)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "None\nrows 0\n", "")


ENTERED = {
    "with session": "context manager",
    "with session.begin()": "context manager",
    "with session.begin_nested()": "context manager",
    "async with session.no_autoflush": "asynchronous context manager",
    "async with session.bind": "asynchronous context manager",
    "async with session.bind.begin": "asynchronous context manager",
    "async with session.stream(text('SELECT 1'))": "asynchronous context manager",
    "async with await session.execute(text('SELECT 1'))": "asynchronous context manager",
}


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("statement", ENTERED)
def test_other_objects(series: str, statement: str, tmp_path: Path) -> None:
    code = f"from sqlalchemy import text\nasync def enter(session):\n    {statement}:\n        pass\n"
    done = run(series, code + with_session("enter(session)"), cwd=tmp_path)
    assert refused(error(done), ENTERED[statement])
