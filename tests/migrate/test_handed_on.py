"""Functions that are not called where they are named: in threads, under another name, by generators, by lambdas."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.migrate.kit import migrated

DATABASE = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///app.db")
left = []


def get_session():
    with Session(engine) as session:
        try:
            yield session
        except ValueError:
            left.append("rolled back")
            session.rollback()
            raise
        finally:
            left.append("closed")
"""
WORK = """\
from database import get_session
from sqlalchemy import text
from sqlalchemy.orm import Session


def get_db():
    yield from get_session()


def answer(db: Session, number: int, *, plus: int = 0):
    return db.scalar(text(f"SELECT {number}")) + plus


other_answer = answer
"""
APP = """\
import asyncio
from collections.abc import Callable
from typing import Annotated

import work
from anyio import to_thread
from database import engine, left
from fastapi import APIRouter, Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session
from work import answer, get_db, other_answer

app = FastAPI()
Db = Annotated[Session, Depends(get_db)]


@app.get("/threads")
async def threads(db: Db):
    loop = asyncio.get_running_loop()
    return [
        await asyncio.to_thread(answer, db, 1, plus=10),
        await run_in_threadpool(work.other_answer, db, plus=10, number=2),
        await to_thread.run_sync(answer, db, 3, abandon_on_cancel=True),
        await loop.run_in_executor(None, other_answer, db, 4),
        await asyncio.to_thread(len, [1, 2]),
    ]


def first(db: Db):
    return answer(db, 5)


def second(db: Db):
    raise ValueError(answer(db, 6))


def make_router(routes: list[Callable[[APIRouter], object]] | None = None) -> APIRouter:
    router = APIRouter()
    for route in routes or []:
        route(router)
    return router


app.include_router(make_router(routes=[lambda router: router.get("/first")(first)]))
app.include_router(make_router([lambda r: r.get("/second")(second)]))

if __name__ == "__main__":
    client = TestClient(app, raise_server_exceptions=False)
    for path in ("/threads", "/first", "/second"):
        response = client.get(path)
        print(response.status_code, response.text, left)
"""
FILES = {"database.py": DATABASE, "work.py": WORK, "app.py": APP}
SAID = """\
200 [11,12,3,4,2] ['closed']
200 5 ['closed', 'closed']
500 Internal Server Error ['closed', 'closed', 'rolled back', 'closed']
"""


def run(root: Path) -> str:
    words = [sys.executable, "-W", "error::RuntimeWarning", "app.py"]
    done = subprocess.run(words, cwd=root, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "RuntimeWarning" not in done.stderr
    return done.stdout


def test_program_does_what_it_did(tmp_path: Path) -> None:
    done = migrated(tmp_path, FILES)
    assert done.plan.refusals == []
    assert run(tmp_path) == SAID
    assert set(done.files) == set(FILES)
    for name, (_, new) in done.files.items():
        (tmp_path / name).write_bytes(new)
    assert run(tmp_path) == SAID
    assert migrated(tmp_path / "again", {name: new.decode() for name, (_, new) in done.files.items()}).files == {}


def test_what_a_thread_ran_is_awaited(tmp_path: Path) -> None:
    app = migrated(tmp_path, FILES).files["app.py"][1].decode()
    assert (
        """
        await answer(db, 1, plus=10),
        await work.other_answer(db, plus=10, number=2),
        await answer(db, 3),
        await other_answer(db, 4),
        await asyncio.to_thread(len, [1, 2]),
"""
        in app
    )


def test_generator_that_hands_on_another_enters_it(tmp_path: Path) -> None:
    work = migrated(tmp_path, FILES).files["work.py"][1].decode()
    assert (
        "async def get_db():\n    async with asynccontextmanager(get_session)() as session:\n        yield session\n"
        in work
    )


REFUSED = {
    "'yield from' cannot stand in an asynchronous generator": {
        "work.py": WORK.replace(
            "yield from get_session()", "for session in get_session():\n        _ = yield from [session]"
        )
    },
    "get_session() becomes an asynchronous generator and is not iterated here": {
        "database.py": DATABASE.replace("try:\n            yield", "while True:\n            yield")
        .replace("\n        except ValueError:\n", "\n            left.clear()\n")
        .replace("            raise\n        finally:\n", "")
    },
    "answer becomes a coroutine function, but is passed on as a value here": {
        "app.py": APP.replace(
            "asyncio.to_thread(answer, db, 1, plus=10)", "asyncio.to_thread(answer, *[db, 1], plus=10)"
        )
    },
    "first becomes a coroutine function, but is passed on as a value here": {
        "app.py": APP.replace("Callable[[APIRouter], object]", "Callable[..., object]")
    },
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_may_mean_something_else_is_refused(reason: str, tmp_path: Path) -> None:
    files: Mapping[str, str] = REFUSED[reason]
    done = migrated(tmp_path, {**FILES, **files})
    assert reason in [remark.text for remark in done.plan.refusals]
    assert done.files == {}
