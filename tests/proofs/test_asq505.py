from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.implicit_io import GREENLET, driving, each
from tests.proofs.programs import SERIES, error, example, fixed, use_instead
from tests.sqlalchemy_versions import run

ROWS = '[(User, {"id": 1, "name": "Ada"})]'
AFTER = driving('rename(session, 1, "Grace")', ROWS)
PROGRAM = """
from datetime import datetime
from sqlalchemy import FetchedValue, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Columns:
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    created: Mapped[datetime | None] = mapped_column(server_default=func.now())

class User(Columns, Base):
    __tablename__ = "users"
    updated: Mapped[datetime | None] = mapped_column(onupdate=func.now())

class Eager(Columns, Base):
    __tablename__ = "eager"
    __mapper_args__ = {"eager_defaults": True}
    updated: Mapped[datetime | None] = mapped_column(onupdate=func.now())

class Late(Columns, Base):
    __tablename__ = "late"
    __mapper_args__ = {"eager_defaults": False}
    updated: Mapped[datetime | None] = mapped_column(server_onupdate=FetchedValue())

class Clock(Columns, Base):
    __tablename__ = "clocks"
    updated: Mapped[datetime | None] = mapped_column(onupdate=datetime.now)
"""
ROWS = '[(cls, {"id": 1, "name": "Ada"}) for cls in (User, Eager, Late, Clock)]'
INSERT = "user = {}(name='Grace')\nsession.add(user)\nawait session.flush()\nreturn user."
UPDATE = "user = await session.get_one({}, 1)\nuser.name = 'Grace'\nawait session.flush()\nreturn user."
NOW, LATE = UPDATE.format("User"), UPDATE.format("Late")
BAD = {
    "update": NOW + "updated",
    "update, committed": NOW.replace("flush", "commit") + "updated",
    "server_onupdate": LATE + "updated",
    "autoflush": NOW.replace("flush()", "get(User, 2)") + "updated",
    "insert without eager defaults": INSERT.format("Late") + "created",
    "expression": "from sqlalchemy import func\n" + NOW.replace("'Grace'", "func.upper('x')") + "name",
    "inserted, then updated": INSERT.format("User").replace("return ", "user.name = 'x'\nawait session.flush()\n")
    + "updated",
}
GOOD = {
    "insert": INSERT.format("User") + "created",
    "insert, nothing to update": INSERT.format("User") + "updated",
    "update with eager defaults": UPDATE.format("Eager") + "updated",
    "Python's own clock": UPDATE.format("Clock") + "updated",
    "another column": NOW + "created",
    "refreshed": NOW.replace("return", "await session.refresh(user)\nreturn") + "updated",
    "set by hand": NOW.replace("user.name =", "user.updated = datetime.now()\nuser.name =") + "updated",
    "nothing changed": NOW.replace("user.name = 'Grace'", "pass") + "updated",
}


@pytest.mark.parametrize("series", SERIES)
def test_update_leaves_the_value_to_the_database(series: str, tmp_path: Path) -> None:
    assert GREENLET in error(example("ASQ505", series, tmp_path, AFTER))
    good = use_instead("ASQ505", series, tmp_path, AFTER)
    assert (good.stdout[:2], good.stderr) == ("20", "")
    repaired = run(series, fixed("ASQ505", tmp_path) + AFTER, cwd=tmp_path)
    assert (repaired.stdout[:2], repaired.stderr) == ("20", "")


@pytest.mark.parametrize("series", SERIES)
def test_what_the_database_computes_and_what_sqlalchemy_knows(series: str) -> None:
    found = each(series, PROGRAM, BAD | GOOD, ROWS)
    assert [name for name in BAD if GREENLET not in found[name]] == []
    assert {name: found[name] for name in GOOD if found[name]} == {}
