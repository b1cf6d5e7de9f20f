from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.sqlalchemy_versions import run

ASKED = """

from sqlalchemy import text


async def enforced():
    async with engine.connect() as connection:
        return await connection.scalar(text("PRAGMA foreign_keys"))
"""
PROGRAM = """
from sqlalchemy import event
from sqlalchemy.ext.asyncio import *
from sqlalchemy.orm import Session, sessionmaker

engine = create_async_engine("sqlite+aiosqlite://")


def listener(*args):
    pass


FORM
"""
NOT_IMPLEMENTED = "NotImplementedError: asynchronous events are not implemented at this time."
NO_EVENT = "InvalidRequestError: No such event 'before_flush' for target"


@pytest.mark.parametrize("series", SERIES)
def test_async_engines_have_no_events(series: str, tmp_path: Path) -> None:
    assert NOT_IMPLEMENTED in error(example("ASQ404", series, tmp_path, ASKED + awaiting("enforced()")))
    good = use_instead("ASQ404", series, tmp_path, ASKED + awaiting("enforced()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("form", "claim"),
    [
        ("event.contains(engine, 'connect', listener)", NOT_IMPLEMENTED),
        ("event.remove(engine, 'connect', listener)", NOT_IMPLEMENTED),
        ("event.listen(AsyncEngine, 'before_cursor_execute', listener)", NOT_IMPLEMENTED),
        ("event.listen(AsyncEngine, 'connect', listener)", "AssertionError"),
        ("event.listen(AsyncConnection, 'before_execute', listener)", NOT_IMPLEMENTED),
        ("event.listen(AsyncSession(engine), 'before_flush', listener)", NOT_IMPLEMENTED),
        ("event.listen(AsyncSession, 'before_flush', listener)", NO_EVENT),
        ("event.listen(async_sessionmaker(engine), 'before_flush', listener)", NO_EVENT),
        ("event.listen(async_sessionmaker, 'before_flush', listener)", NO_EVENT),
        ("event.listen(async_scoped_session(async_sessionmaker(engine), int), 'before_flush', listener)", NO_EVENT),
        ("event.listen(sessionmaker(class_=AsyncSession), 'before_flush', listener)", "AttributeError: type object"),
    ],
)
def test_each_target_fails(series: str, form: str, claim: str, tmp_path: Path) -> None:
    assert claim in run(series, PROGRAM.replace("FORM", form), cwd=tmp_path).stderr.splitlines()[-1]


@pytest.mark.parametrize("series", SERIES)
def test_what_the_messages_advise_works(series: str, tmp_path: Path) -> None:
    form = "session = AsyncSession(engine)\n" + "\n".join(
        f"event.listen({target}, '{name}', listener)"
        for target, name in (
            ("session.sync_session", "before_flush"),
            ("Session", "before_flush"),
            ("engine.sync_engine", "connect"),
        )
    )
    done = run(series, PROGRAM.replace("FORM", form), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ404", tmp_path) == other_form("ASQ404")
