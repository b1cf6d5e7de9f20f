from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.implicit_io import GREENLET, driving, each
from tests.proofs.programs import SERIES, error, example, fixed, use_instead
from tests.sqlalchemy_versions import run

ROWS = '[(User, {"id": 1, "name": "Ada"}), (User, {"id": 2, "name": "Grace"})]'
AFTER = driving('rename(session, 1, "Grace")', ROWS)
PROGRAM = """
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
"""
USER = "user = await session.get_one(User, 1)\n"
BAD = {
    "rollback": "await session.rollback()\nreturn user.id",
    "expire": "session.expire(user)\nreturn user.name",
    "expire one attribute": "session.expire(user, ['name'])\nreturn user.name",
    "expire_all": "session.expire_all()\nreturn user.id",
    "bulk update with an expression": (
        "await session.execute(update(User).values(name=func.upper(User.name)))\nreturn user.name"
    ),
    "loop": (
        "for user in (await session.scalars(select(User))).all():\n    print(user.id)\n    await session.rollback()\n"
        "return 1"
    ),
    "repr": "User.__repr__ = lambda self: self.name\nawait session.rollback()\nreturn f'{user!r}'",
}
GOOD = {
    "refreshed": "await session.rollback()\nawait session.refresh(user)\nreturn user.id",
    "read before": "name = user.name\nawait session.rollback()\nreturn name",
    "another attribute": "session.expire(user, ['name'])\nreturn user.id",
    "committed with expire_on_commit=False": "await session.commit()\nreturn user.name",
    "queried again": "session.expire_all()\nawait session.get(User, 1)\nreturn user.name",
    "bulk update with a value": "await session.execute(update(User).values(name='x'))\nreturn user.name",
    "set again": "session.expire(user)\nuser.name = 'x'\nreturn user.name",
    "expunged before": "session.expunge(user)\nawait session.rollback()\nreturn user.name",
}


@pytest.mark.parametrize("series", SERIES)
def test_rollback_expires_what_is_read_next(series: str, tmp_path: Path) -> None:
    assert GREENLET in error(example("ASQ504", series, tmp_path, AFTER))
    good = use_instead("ASQ504", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("Ada keeps its name\nNone\n", "")
    repaired = run(series, fixed("ASQ504", tmp_path) + AFTER, cwd=tmp_path)
    assert (repaired.stdout, repaired.stderr) == (good.stdout, "")


@pytest.mark.parametrize("series", SERIES)
def test_what_expires_and_what_does_not(series: str) -> None:
    found = each(series, PROGRAM, {name: USER + body for name, body in (BAD | GOOD).items()}, ROWS)
    assert [name for name in BAD if GREENLET not in found[name]] == []
    assert {name: found[name] for name in GOOD if found[name]} == {}
