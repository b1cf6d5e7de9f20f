"""A coroutine that nobody awaits does nothing, and Python only warns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_session
from tests.proofs.programs import SERIES, example, use_instead


@pytest.mark.parametrize("series", SERIES)
def test_commit_without_await_writes_nothing(series: str, tmp_path: Path) -> None:
    bad = example("ASQ301", series, tmp_path, with_session("add_item(session)"))
    assert (bad.returncode, bad.stdout) == (0, "None\nrows 0\n"), bad.stderr
    assert "RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited" in bad.stderr
    good = use_instead("ASQ301", series, tmp_path, with_session("add_item(session)"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "None\nrows 1\n", "")
