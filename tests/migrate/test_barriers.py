from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from flake8_async_sqla.migrate.migration import migrate
from flake8_async_sqla.semantics.settings import Settings
from tests.migrate.kit import flipped, migrated, refusal, write

HEAD = """\
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite:///app.db")
SessionLocal = sessionmaker(bind=engine)
"""


def test_property_is_a_barrier(tmp_path: Path) -> None:
    code = f"{HEAD}\n\nclass Repository:\n    def __init__(self, db: Session):\n        self.db = db\n\n"
    code += "    @property\n    def size(self):\n        return self.db.scalar(text('SELECT 1'))\n"
    assert "reading an attribute cannot await" in refusal(tmp_path, code)


def test_function_passed_on_as_a_value(tmp_path: Path) -> None:
    code = f"{HEAD}\n\ndef load(db: Session, key):\n    return db.get(int, key)\n\n\ntable = {{'load': load}}\n"
    assert "passed on as a value" in refusal(tmp_path, code)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("class C:\n    def __init__(self, db: Session):\n        db.commit()\n", "Python calls __init__()"),
        ("def f(db: Session):\n    return lambda: db.commit()\n", "in a lambda cannot be awaited"),
        ("def f(db: Session):\n    return sum(db.scalar(q) for q in [1])\n", "in a generator expression"),
        ("@lru_cache\ndef f():\n    with SessionLocal() as db:\n        db.commit()\n", "whether @lru_cache works"),
        ("class Mine(Session):\n    pass\n", "derives from Session"),
        ("registry = scoped_session(SessionLocal)\nregistry.commit()\n", "scoped_session has no counterpart"),
        ("def f(db: Session):\n    third_party.paginate(db)\n", "may use it as one"),
        ("def f(db: Session):\n    return db.get_bind()\n", "gives a synchronous object"),
        ("def f(obj):\n    return object_session(obj)\n", "gives a synchronous session"),
        ("def f(db: Session):\n    with db.begin(), open('x'):\n        pass\n", "split it"),
        ("def f():\n    print(db)\n\n\nwith SessionLocal() as db:\n    db.commit()\n", "runs at import"),
        ("app = Flask(__name__)\n\n\n@app.get('/')\ndef f():\n    SessionLocal().commit()\n", "Flask runs each"),
        ("db = SQLAlchemy()\n", "Flask-SQLAlchemy works with synchronous sessions"),
        (
            "class T(Thread):\n    def run(self):\n        with SessionLocal() as db:\n            db.commit()\n",
            "may call it",
        ),
        ("class T(TestCase):\n    def setUp(self):\n        SessionLocal().commit()\n", "unittest calls it"),
        ("def f(db: Session):\n    db.commit()\n\n\nThread(target=f).start()\n", "passed on as a value"),
        ("def f(db: Session):\n    return (yield from db.scalars(text('SELECT 1')))\n", "'yield from'"),
    ],
)
def test_what_cannot_await_is_refused(tmp_path: Path, body: str, reason: str) -> None:
    imports = (
        "from functools import lru_cache\nfrom threading import Thread\nfrom unittest import TestCase\n"
        "import third_party\nfrom flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n"
        "from sqlalchemy.orm import object_session, scoped_session\n"
    )
    assert reason in refusal(tmp_path, f"{imports}{HEAD}\n\n{body}")


def test_listeners_and_run_sync_callbacks_stay(tmp_path: Path) -> None:
    code = f"""\
from sqlalchemy import event
{HEAD}

@event.listens_for(engine, "connect")
def pragma(connection, record):
    connection.execute("PRAGMA foreign_keys=ON")


@event.listens_for(Session, "before_flush")
def stamp(session: Session, context, instances):
    session.execute(text("SELECT 1"))
"""
    new = flipped(tmp_path, code)
    assert '@event.listens_for(engine.sync_engine, "connect")\ndef pragma(' in new
    assert '@event.listens_for(Session, "before_flush")\ndef stamp(session: Session, ' in new
    assert "await" not in new


def test_the_result_is_checked_by_the_linter(tmp_path: Path) -> None:
    code = f"{HEAD}\n\ndef save(db: Session):\n    db.commit()\n"
    write(tmp_path, {"app.py": code})

    def lint(paths: Sequence[str], root: str) -> list[list[tuple[str, int, str]]]:
        return [[("ASQ302", 9, "gone")] if "await" in Path(path).read_text(encoding="utf-8") else [] for path in paths]

    done = migrate(str(tmp_path), ["app.py"], ("flip",), Settings(), lint)
    assert done.files == {}
    assert "the result has this finding of our own linter: ASQ302 gone" in done.plan.refusals[0].text


def test_what_was_not_awaited_before_is_told(tmp_path: Path) -> None:
    code = f"{HEAD}\n\nasync def save(db: Session):\n    db.commit()\n\n\n"
    code += "async def forgets(db: Session):\n    save(db)\n"
    done = migrated(tmp_path, {"app.py": code})
    assert b"    save(db)\n" in done.files["app.py"][1]
    assert "the result has this finding of our own linter: ASQ3" in done.plan.notes[0].text


def test_session_that_cannot_be_told_is_refused(tmp_path: Path) -> None:
    code = f"{HEAD}\n\nclass Thing:\n    pass\n\n\ndef find(db):\n    return db.query(Thing).all()\n\n\n"
    assert refusal(tmp_path, code) == "db.query() may be a session's: annotate it, so that it can be told"
    code = f"{HEAD}\n\ndef save(db, other: Session):\n    other.commit()\n    db.commit()\n"
    assert refusal(tmp_path, code) == "db.commit() may be a session's: annotate it, so that it can be told"


def test_a_method_that_is_named_as_a_type_is_not_meant_by_annotations(tmp_path: Path) -> None:
    code = f"{HEAD}\n\nclass Things:\n    def list(self, db: Session) -> list[int]:\n"
    code += "        return db.scalars(text('SELECT 1')).all()\n\n    def add(self, things: list[int]) -> None:\n"
    code += "        kept: list[int] = things\n"
    assert "    async def list(self, db: AsyncSession) -> list[int]:\n" in flipped(tmp_path, code)


def test_a_method_that_a_class_does_not_have_gets_no_session(tmp_path: Path) -> None:
    code = f"{HEAD}\n\nclass Service:\n    def save(self, db: Session):\n        db.commit()\n\n\n"
    code += "service = Service()\n\n\ndef use(db: Session):\n    service.save(db)\n    service.gone(db)\n"
    assert "    await service.save(db)\n    service.gone(db)\n" in flipped(tmp_path, code)
    unknown = code.replace("class Service:", "from somewhere import Base\n\n\nclass Service(Base):")
    assert "service.gone() gets a synchronous Session" in refusal(tmp_path / "unknown", unknown)


def test_method_that_is_called_like_one_of_sqlalchemy(tmp_path: Path) -> None:
    code = """\
from models import User
from sqlalchemy import select
from sqlalchemy.orm import Session


class Users:
    def exists(self, db: Session, name: str) -> bool:
        return db.scalar(select(select(User).filter_by(name=name).exists()))
"""
    assert "return await db.scalar(select(select(User).filter_by(name=name).exists()))" in flipped(tmp_path, code)
