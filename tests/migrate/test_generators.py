"""Generators that give sessions, and those who take one out of them."""

from __future__ import annotations

from pathlib import Path

from tests.migrate.kit import migrated

DATABASE = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(bind=engine)


def get_session() -> Session:
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""
CONFTEST = """\
import pytest
from database import get_session


@pytest.fixture
def db():
    return next(get_session())
"""


def test_fixture_that_takes_a_session_out_of_a_generator_finishes_it(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"database.py": DATABASE, "tests/conftest.py": CONFTEST})
    assert done.plan.refusals == []
    assert (
        done.files["tests/conftest.py"][1]
        .decode()
        .endswith(
            "async def db():\n    async with asynccontextmanager(get_session)() as session:\n        yield session\n"
        )
    )


def test_what_a_fixture_returns_counts_more_than_its_annotation(tmp_path: Path) -> None:
    code = CONFTEST.replace("def db():", "def db() -> TestClient:").replace(
        "import pytest\n", "import pytest\nfrom fastapi.testclient import TestClient\n"
    )
    code += "\n\n@pytest.fixture\ndef other(db):\n    db.commit()\n    return 1\n"
    done = migrated(tmp_path, {"database.py": DATABASE, "tests/conftest.py": code})
    assert done.plan.refusals == []
    assert "async def other(db):\n    await db.commit()\n" in done.files["tests/conftest.py"][1].decode()


def test_careless_annotation_of_a_generator_is_noted(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"database.py": DATABASE})
    assert "async def get_session() -> AsyncSession:\n" in done.files["database.py"][1].decode()
    assert [remark.text for remark in done.plan.notes] == [
        "the annotation of an asynchronous generator has to be an asynchronous one"
    ]


def test_global_session_is_noted(tmp_path: Path) -> None:
    code = DATABASE + "\n\nshared = SessionLocal()\n\n\ndef save():\n    shared.commit()\n"
    done = migrated(tmp_path, {"database.py": code})
    assert "async def save():\n    await shared.commit()\n" in done.files["database.py"][1].decode()
    assert any("ASQ207" in remark.text for remark in done.plan.notes)


ROWS = """\
from collections.abc import Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session


def rows(db: Session, wanted=()) -> Iterator[int]:
    yield from wanted
    yield from db.scalars(text("SELECT 1"))
    yield from db.scalars(select(text("1")).execution_options(yield_per=10))


def pages(db: Session) -> Iterator[int]:
    yield 0
    yield from rows(db, [2])
    yield from listed(db)


def listed(db: Session) -> list[int]:
    return db.scalars(text("SELECT 1")).all()
"""


def test_generators_that_hand_on_what_comes(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"rows.py": ROWS})
    assert done.plan.refusals == []
    after = done.files["rows.py"][1].decode()
    assert (
        "    for item in wanted:\n        yield item\n"
        '    for item in await db.scalars(text("SELECT 1")):\n        yield item\n'
        '    async for item in await db.stream_scalars(select(text("1")).execution_options(yield_per=10)):\n'
        "        yield item\n"
    ) in after
    assert (
        "    yield 0\n"
        "    async for item in rows(db, [2]):\n        yield item\n"
        "    for item in await listed(db):\n        yield item\n"
    ) in after


def test_generator_whose_result_is_used_stays(tmp_path: Path) -> None:
    code = ROWS + "\n\ndef more(db: Session):\n    found = yield from rows(db)\n    return found\n"
    done = migrated(tmp_path, {"rows.py": code})
    assert done.files == {}
    reason = "rows() becomes an asynchronous generator and is not iterated here"
    assert reason in [remark.text for remark in done.plan.refusals]
