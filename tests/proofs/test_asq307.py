"""What is awaited is started, and cannot be started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_engine, with_session
from tests.proofs.programs import SERIES, error, example, not_awaitable, use_instead
from tests.sqlalchemy_versions import run


@pytest.mark.parametrize("series", SERIES)
def test_connection_is_already_started(series: str, tmp_path: Path) -> None:
    bad = example("ASQ307", series, tmp_path, with_engine("ping(engine)"))
    assert error(bad) == "sqlalchemy.exc.InvalidRequestError: connection is already started"
    good = use_instead("ASQ307", series, tmp_path, with_engine("ping(engine)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "None\nrows 0\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("entered", "claim"),
    [
        ("session.begin()", "sqlalchemy.exc.InvalidRequestError: A transaction is already begun on this Session."),
        ("session.bind.begin()", not_awaitable("_AsyncGeneratorContextManager")),
    ],
)
def test_transactions(series: str, entered: str, claim: str, tmp_path: Path) -> None:
    code = f"async def enter(session):\n    async with await {entered}:\n        pass\n"
    assert error(run(series, code + with_session("enter(session)"), cwd=tmp_path)) == claim
