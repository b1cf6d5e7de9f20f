"""run_sync() wants a function that does its work synchronously."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_engine
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run


@pytest.mark.parametrize("series", SERIES)
def test_call_in_the_place_of_the_function(series: str, tmp_path: Path) -> None:
    bad = example("ASQ310", series, tmp_path, with_engine("create_tables(engine)"))
    assert error(bad).endswith("create_all() missing 1 required positional argument: 'bind'")
    good = use_instead("ASQ310", series, tmp_path, with_engine("create_tables(engine)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "None\nrows 0\n", "")


GIVEN = {
    "metadata.create_all, conn": "TypeError: 'AsyncConnection' object is not iterable",
    "lambda: 1": "TypeError: attempt.<locals>.<lambda>() takes 0 positional arguments but 1 was given",
    "work(conn)": "TypeError: 'NoneType' object is not callable",
    "later(conn)": "TypeError: 'coroutine' object is not callable",
}

FUNCTIONS = """
from sqlalchemy import MetaData, text

metadata = MetaData()

def work(conn):
    print(conn)

async def later(conn):
    print("ran")

async def attempt(engine):
    async with engine.begin() as conn:
        await conn.run_sync({given})
"""


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("given", GIVEN)
def test_what_else_it_cannot_run(series: str, given: str, tmp_path: Path) -> None:
    done = run(series, FUNCTIONS.format(given=given) + with_engine("attempt(engine)"), cwd=tmp_path)
    assert error(done) == GIVEN[given]


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("given", ["later", "lambda sync: conn.execute(text('SELECT 1'))"])
def test_coroutine_function_does_not_run(series: str, given: str, tmp_path: Path) -> None:
    done = run(series, FUNCTIONS.format(given=given) + with_engine("attempt(engine)"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "None\nrows 0\n")
    assert "was never awaited" in done.stderr
