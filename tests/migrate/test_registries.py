from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import flipped, refusal

HEAD = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

SessionLocal = sessionmaker(create_engine("sqlite://"))
registry = scoped_session(SessionLocal)


"""
CLOSED = "def get_db():\n    db = registry()\n    try:\n        yield db\n    finally:\n        db.close()\n"


def test_registry_whose_sessions_are_closed_where_they_are_taken(tmp_path: Path) -> None:
    new = flipped(tmp_path, f"{HEAD}{CLOSED}\n\ndef save():\n    with registry() as db:\n        db.commit()\n")
    assert "\nregistry = SessionLocal\n" in new
    assert "scoped_session" not in new
    assert "    async with registry() as db:\n        await db.commit()\n" in new


@pytest.mark.parametrize(
    "use", ["registry.commit()", "registry().commit()", "db = registry()\n    db.commit()", "print(registry)"]
)
def test_registry_that_is_used_as_one(tmp_path: Path, use: str) -> None:
    assert "scoped_session has no counterpart" in refusal(tmp_path, f"{HEAD}{CLOSED}\n\ndef save():\n    {use}\n")
