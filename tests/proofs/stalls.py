"""How long the event loop stands still while the code of a rule's page runs."""

from __future__ import annotations

from pathlib import Path

from flake8_async_sqla.rules import load
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

SLOW = 0.5
DRIVER = """
import asyncio, contextlib, time
from sqlalchemy import create_engine, event, exc
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session

def slow_users(path):
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
    event.listen(engine, "connect", lambda raw, record: raw.create_function("slow", 0, lambda: time.sleep(SLOW) or 1))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW users AS SELECT slow() AS id")
    return engine

async def longest_gap(work):
    gaps, last = [], time.perf_counter()
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.sleep(0.01)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
    await task
    return max(gaps)
"""
MEASURE = f"""SLOW = {SLOW}
{DRIVER}
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import sessionmaker

def add_slow(connection, record):
    connection.create_function("slow", 0, lambda: time.sleep(SLOW) or 1)
"""


def gaps(code: str, driver: str, series: str, folder: Path) -> tuple[float, float]:
    """Measure a rule's example and its other form.

    Args:
        code: The rule.
        driver: What to run after the page's code; it prints what ``longest_gap()`` gives.
        series: The SQLAlchemy series.
        folder: Where to run.

    Returns:
        The longest time in seconds in which the event loop did nothing else, for either form.
    """
    found = []
    for heading in ("Example", "Use instead"):
        place = folder / heading.replace(" ", "")
        place.mkdir()
        done = run(series, section(load()[code], heading) + f"SLOW = {SLOW}\n" + DRIVER + driver, cwd=place)
        assert done.returncode == 0, done.stderr
        found.append(float(done.stdout))
    return found[0], found[1]
