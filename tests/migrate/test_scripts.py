from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import flipped, migrated, refusal

HEAD = """\
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def work(session):
    return session.scalar(text("SELECT 1"))


"""
GUARDED = """\
if __name__ == "__main__":
    with Session(engine) as session:
        print(work(session))
"""


def test_script(tmp_path: Path) -> None:
    new = flipped(tmp_path, f"{HEAD}session = Session(engine)\nprint(work(session))\nsession.commit()\n")
    end = "\n\nasync def main():\n    print(await work(session))\n    await session.commit()\n\n\nasyncio.run(main())\n"
    assert new.endswith(end)


def test_what_a_guard_holds(tmp_path: Path) -> None:
    new = flipped(tmp_path, HEAD + GUARDED)
    assert new.endswith(
        'if __name__ == "__main__":\n    async def main():\n'
        "        async with AsyncSession(engine, expire_on_commit=False) as session:\n"
        "            print(await work(session))\n\n    asyncio.run(main())\n"
    )
    assert flipped(tmp_path / "again", new) == new


@pytest.mark.parametrize(
    "code",
    [
        f"{GUARDED}    uvicorn.run(app)\n",
        f"{GUARDED}    done = 1\n\n\ndef later():\n    print(done)\n",
        f"with Session(engine) as session:\n    session.commit()\n\n\n{GUARDED}",
    ],
)
def test_statements_that_cannot_become_a_function(tmp_path: Path, code: str) -> None:
    assert "in code that runs at import cannot be awaited" in refusal(tmp_path, HEAD + code)


def test_module_that_others_import_is_no_script(tmp_path: Path) -> None:
    code = f"{HEAD}print(work(Session(engine)))\n"
    done = migrated(tmp_path, {"app.py": code, "other.py": "from app import engine\n"})
    assert done.files == {}
    assert "runs at import" in done.plan.refusals[0].text


@pytest.mark.parametrize(
    "more",
    [
        "from fastapi import APIRouter\n\nrouter = APIRouter()\n",
        "from flask import Flask\n\napp = Flask(__name__)\n",
        "from celery import Celery\n\napp = Celery('x')\n",
        "from tools import app\n\n\n@app.get('/')\ndef root():\n    return {}\n",
    ],
)
def test_module_of_an_application_is_no_script(tmp_path: Path, more: str) -> None:
    code = """\
from sqlalchemy import MetaData, create_engine

engine = create_engine("sqlite://")


def create():
    MetaData().create_all(engine)


create()
"""
    assert "create() runs at import" in refusal(tmp_path, code + more)
