"""A coroutine is not its result: it has other attributes, is always true and equals nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_session
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run


@pytest.mark.parametrize("series", SERIES)
def test_coroutine_has_no_scalars(series: str, tmp_path: Path) -> None:
    bad = example("ASQ302", series, tmp_path, with_session("names(session)"))
    assert error(bad) == "AttributeError: 'coroutine' object has no attribute 'scalars'"
    good = use_instead("ASQ302", series, tmp_path, with_session("names(session)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "['bolt']\nrows 0\n", "")


USES = {
    "list(session.scalars(query))": "TypeError: 'coroutine' object is not iterable",
    "session.scalars(query)[0]": "TypeError: 'coroutine' object is not subscriptable",
    "session.scalar(query) + 1": "TypeError: unsupported operand type(s) for +: 'coroutine' and 'int'",
    "session.scalar(query) < 1": "TypeError: '<' not supported between instances of 'coroutine' and 'int'",
    "len(session.scalars(query))": "TypeError: object of type 'coroutine' has no len()",
    "bool(session.scalar(query))": "True",
    "session.scalar(query) == 'bolt'": "False",
    "f'{session.scalar(query)}'": "<coroutine object AsyncSession.scalar at ",
}


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("use", USES)
def test_what_a_use_of_the_coroutine_gives(series: str, use: str, tmp_path: Path) -> None:
    attempt = f"\nasync def attempt(session):\n    query = text(\"SELECT 'bolt'\")\n    return {use}\n"
    done = run(series, "from sqlalchemy import text" + attempt + with_session("attempt(session)"), cwd=tmp_path)
    assert (error(done) or done.stdout).startswith(USES[use])
    assert "was never awaited" in done.stderr
