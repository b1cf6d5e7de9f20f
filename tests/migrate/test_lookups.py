"""Objects that a lookup by key gives as the session holds them, and what is read of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrate.kit import flipped, migrated

MODELS = """\
from sqlalchemy import Column, ForeignKey, Integer, String, Table, create_engine
from sqlalchemy.orm import Session, declarative_base, relationship, sessionmaker

engine = create_engine("sqlite:///shop.db")
SessionLocal = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()
members = Table(
    "members", Base.metadata, Column("user", ForeignKey("user.id")), Column("team", ForeignKey("team.id"))
)


class User(Base):
    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    teams = relationship("Team", secondary=members, back_populates="users", lazy="selectin")


class Team(Base):
    __tablename__ = "team"
    id = Column(Integer, primary_key=True)
    users = relationship("User", secondary=members, back_populates="teams", lazy="selectin")


def reset():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
"""
HELPERS = """\
from models import Session, Team, User


def existing(db: Session, model, key):
    found = db.get(model, key)
    if found is None:
        raise LookupError(key)
    return found


def check(user: User, team: Team):
    return user in team.users


def described(team: Team, user: User):
    return f"{user.name} {check(user, team=team)}"
"""
SERVICE = """\
from helpers import described, existing
from models import Session, SessionLocal, Team, User, reset
from sqlalchemy import select


class Teams:
    def describe(self, db: Session, user, key):
        team = existing(db, Team, key)
        return described(team, user=user)


def names(db: Session, key: int):
    team = existing(db, Team, key)
    return [user.name for user in team.users]


def first(db: Session, key: int):
    return named(existing(db, Team, key), db)


def named(team: Team, db: Session):
    db.flush()
    return team.users[0].name


def fresh(db: Session):
    team = db.scalars(select(Team)).first()
    return len(team.users)


def main():
    reset()
    with SessionLocal() as db:
        db.add(User(name="ada", teams=[Team()]))
        db.commit()
    with SessionLocal() as db:
        user = db.scalars(select(User)).first()
        print(Teams().describe(db, user, 1))
    with SessionLocal() as db:
        user = db.scalars(select(User)).first()
        print(names(db, 1), user.name)
    with SessionLocal() as db:
        user = db.scalars(select(User)).first()
        print(first(db, 1), fresh(db), user.name)


if __name__ == "__main__":
    main()
"""
FILES = {"models.py": MODELS, "helpers.py": HELPERS, "service.py": SERVICE}


def _run(root: Path) -> str:
    (root / "shop.db").unlink(missing_ok=True)
    command = [sys.executable, "-W", "error::RuntimeWarning", "service.py"]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_program_prints_the_same_afterwards(tmp_path: Path) -> None:
    done = migrated(tmp_path, FILES, ("query", "loading", "flip"))
    assert done.plan.refusals == []
    before = _run(tmp_path)
    assert before == "ada True\n['ada'] ada\nada 1 ada\n"
    for name, (_, new) in done.files.items():
        (tmp_path / name).write_bytes(new)
    assert _run(tmp_path) == before
    code = done.files["service.py"][1].decode()
    assert "return await db.run_sync(lambda sync_session: described(team, user=user))\n" in code
    assert "for user in await db.run_sync(lambda sync_session: team.users)]\n" in code
    assert code.count("run_sync") == 3
    assert b"run_sync" not in done.files["helpers.py"][1]
    again = {name: (tmp_path / name).read_text(encoding="utf-8") for name in FILES}
    assert migrated(tmp_path, again, ("query", "loading", "flip")).files == {}


CODE = f"""\
{MODELS}

def {{header}}:
    team = db.get(Team, 1)
    return {{read}}
"""


@pytest.mark.parametrize(
    "read",
    [
        "db.scalars(select(Team)).first().users",
        "Team.users.any()",
        "team.id",
        "[user.teams for user in db.scalars(select(User)).all()]",
    ],
)
def test_reads_of_what_is_loaded(tmp_path: Path, read: str) -> None:
    code = "from sqlalchemy import select\n" + CODE.format(header="read(db: Session)", read=read)
    assert "sync_session:" not in flipped(tmp_path, code)


def test_read_in_a_generator_is_noted(tmp_path: Path) -> None:
    code = CODE.format(header="read(db: Session)", read="any(1 in team.users for _ in [1])")
    assert _notes(tmp_path / "a", code) == [32]
    code = CODE.format(header="read(db: Session)", read="[1 in team.users for _ in [1]]")
    assert _notes(tmp_path / "b", code) == []


def test_no_session_at_hand(tmp_path: Path) -> None:
    code = CODE.format(header="unused(db: Session)", read="team.id")
    more = "\n\ndef find():\n    with SessionLocal() as db:\n        return db.get(Team, 1)\n\n\n"
    more += "def read():\n    team = find()\n    return team.users\n"
    assert _notes(tmp_path, code + more) == [42]


def _notes(root: Path, code: str) -> list[int]:
    done = migrated(root, {"app.py": code})
    assert done.plan.refusals == []
    reason = "a lookup by key may have given the object as the session held it, without team.users"
    assert {note.text for note in done.plan.notes} <= {f"{reason}: refresh(team, ['users']) before this"}
    return [note.line for note in done.plan.notes]
