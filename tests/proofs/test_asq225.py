from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, not_awaitable, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import installed

CLAIM = 'error: The return type of an async generator function should be "AsyncGenerator" or one of its supertypes'
SYNC = 'error: The return type of a generator function should be "Generator" or one of its supertypes'
USE = 'db = await get_db()\n    return (await db.execute(text("SELECT 1"))).scalar_one()'


def test_mypy_refuses_the_annotation_and_takes_the_other_form(tmp_path: Path) -> None:
    sync = "from sqlalchemy.orm import Session\n\n\ndef get_sync(session: Session) -> Session:\n    yield session\n"
    (tmp_path / "bad.py").write_text(section(load()["ASQ225"], "Example"), encoding="utf-8")
    (tmp_path / "sync.py").write_text(sync, encoding="utf-8")
    (tmp_path / "good.py").write_text(section(load()["ASQ225"], "Use instead"), encoding="utf-8")
    told = _checked_by_mypy(tmp_path, "bad.py", "sync.py", "good.py")
    assert sorted(re.sub(r":\d+", "", line) for line in told[:-1]) == [f"bad.py: {CLAIM}", f"sync.py: {SYNC}"]


def _checked_by_mypy(folder: Path, *names: str) -> list[str]:
    """Check files with mypy, which must see SQLAlchemy alone: a foreign typing_extensions makes it stop."""
    packages = folder / "packages"
    packages.mkdir()
    (packages / "sqlalchemy").symlink_to(installed("2.0") / "sqlalchemy")
    command = [sys.executable, "-m", "mypy", "--no-incremental", "--follow-imports=silent", "--hide-error-codes"]
    environment = {**os.environ, "MYPYPATH": str(packages)}
    done = subprocess.run([*command, *names], capture_output=True, text=True, cwd=folder, env=environment, timeout=300)
    return done.stdout.splitlines()


@pytest.mark.parametrize("series", SERIES)
def test_who_believes_the_annotation_gets_a_generator(series: str, tmp_path: Path) -> None:
    believing = f"\nfrom sqlalchemy import text\n\n\nasync def ping():\n    {USE}\n{awaiting('ping()')}"
    claim = not_awaitable("async_generator")
    assert error(example("ASQ225", series, tmp_path, believing)) == claim
    good = use_instead("ASQ225", series, tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
