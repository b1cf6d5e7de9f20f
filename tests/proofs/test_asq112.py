from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES, example, fixed, other_form, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

PAGE_URL = "sqlite+aiosqlite:///app.db"
THREADS = """
import os, threading, time
time.sleep(0.2)
print(threading.active_count(), flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("series", SERIES)
def test_thread_of_an_aiosqlite_connection_lives_on(series: str, tmp_path: Path) -> None:
    assert example("ASQ112", series, tmp_path, THREADS).stdout.split() == ["done", "2"]
    assert use_instead("ASQ112", series, tmp_path, THREADS).stdout.split() == ["done", "1"]


@pytest.mark.parametrize("series", SERIES)
def test_connection_of_asyncpg_stays_open(series: str, postgres: str) -> None:
    bad = run(series, section(load()["ASQ112"], "Example").replace(PAGE_URL, postgres))
    good = run(series, other_form("ASQ112").replace(PAGE_URL, postgres))
    assert "ResourceWarning: unclosed connection" in bad.stderr
    assert (good.returncode, good.stderr) == (0, "")


def test_fix_disposes_at_the_end(tmp_path: Path) -> None:
    assert fixed("ASQ112", tmp_path) == other_form("ASQ112")
