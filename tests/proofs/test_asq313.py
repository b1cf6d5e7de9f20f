from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, example, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

POOL = """

async def checked_out():
    await ping()
    return engine.pool.checkedout()


kept = []


class AsyncSession(AsyncSession):
    def __init__(self, *args):
        super().__init__(*args)
        kept.append(self)
"""
WARNING = "RuntimeWarning: coroutine 'AsyncSession.close' was never awaited"
FORMS = [
    "asyncio.get_running_loop().call_soon(session.close)",
    "asyncio.get_running_loop().call_later(0, session.close)",
    "list(map(AsyncSession.close, [session]))",
    "weakref.finalize(asyncio.Event(), session.close)",
    "asyncio.create_task(asyncio.sleep(0)).add_done_callback(lambda task: session.close())",
    "atexit.register(session.close)",
    "threading.Timer(0, session.close).start()",
    "signal.signal(signal.SIGUSR1, lambda *_: session.close()); signal.raise_signal(signal.SIGUSR1)",
]
PROGRAM = """
import atexit
import asyncio
import gc
import signal
import threading
import weakref


async def other():
    session = AsyncSession(engine)
    await session.execute(text("SELECT 1"))
    FORM
    await asyncio.sleep(0.1)
    gc.collect()
"""


@pytest.mark.parametrize("series", SERIES)
def test_the_stack_closes_nothing(series: str, tmp_path: Path) -> None:
    bad = example("ASQ313", series, tmp_path, POOL + awaiting("checked_out()"))
    assert (bad.returncode, bad.stdout, WARNING in bad.stderr) == (0, "1\n", True)
    good = use_instead("ASQ313", series, tmp_path, POOL + awaiting("checked_out()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "0\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("form", FORMS)
def test_nobody_awaits_the_callback(series: str, form: str, tmp_path: Path) -> None:
    code = section(load()["ASQ313"], "Use instead") + PROGRAM.replace("FORM", form) + awaiting("other()")
    assert WARNING in run(series, code, cwd=tmp_path).stderr
