"""Relationships that are read after a commit stored what belongs to them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrate.kit import flipped, migrated

CODE = """\
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, select
from sqlalchemy.orm import Session, declarative_base, relationship, sessionmaker

engine = create_engine("sqlite:///shop.db")
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class User(Base):
    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
    setting = relationship("Setting", uselist=False, back_populates="user", lazy="selectin")
    notes = relationship("Note", lazy="selectin")


class Setting(Base):
    __tablename__ = "setting"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("user.id"))
    user = relationship("User", back_populates="setting", lazy="selectin")


class Note(Base):
    __tablename__ = "note"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("user.id"))


class Settings:
    def create(self, user: User, db: Session):
        setting = Setting(user_id=user.id)
        db.add(setting)
        db.commit()

    def fetch(self, db: Session, user: User):
        if not user.setting:
            self.create(user, db)

        return user.setting


def note(db: Session):
    user = db.get(User, 1)
    db.add(Note(user_id=user.id))
    db.commit()
    return len(user.notes)


def main():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with SessionLocal() as db:
        db.add(User())
        db.commit()
    with SessionLocal() as db:
        user = db.scalars(select(User)).first()
        print(Settings().fetch(db, user).id, note(db), note(db))
        new = User(id=7)
    with SessionLocal() as db:
        print(Settings().fetch(db, new))


if __name__ == "__main__":
    main()
"""


def _run(root: Path) -> str:
    command = [sys.executable, "-W", "error::RuntimeWarning", "app.py"]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_program_prints_the_same_afterwards(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"app.py": CODE}, ("query", "loading", "flip"))
    assert done.plan.refusals == []
    before = _run(tmp_path)
    assert before == "1 1 2\nNone\n"
    new = done.files["app.py"][1]
    (tmp_path / "app.py").write_bytes(new)
    assert _run(tmp_path) == before
    assert b'            if user in db:\n                await db.refresh(user, ["setting"])\n' in new
    assert b'    await db.commit()\n    await db.refresh(user, ["notes"])\n' in new
    assert new.count(b".refresh(") == 2
    assert migrated(tmp_path, {"app.py": new.decode()}, ("query", "loading", "flip")).files == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Setting(user_id=user.id)", "Setting(user=user)"),
        ("Setting(user_id=user.id)", "Note(user_id=user.id)"),
        ("            self.create(user, db)\n", "            self.create(user, db)\n            return None\n"),
        ("            self.create(user, db)\n", "            self.create(user, db)\n            db.refresh(user)\n"),
        ("        return user.setting\n", "        user = db.get(User, 1)\n        return user.setting\n"),
        ("        db.commit()\n\n    def", "        db.flush()\n\n    def"),
        ("bind=engine", "bind=engine, expire_on_commit=False"),
    ],
)
def test_nothing_to_refresh(tmp_path: Path, old: str, new: str) -> None:
    assert old in CODE
    assert '["setting"]' not in flipped(tmp_path, CODE.replace(old, new))


def test_no_session_at_hand(tmp_path: Path) -> None:
    held = "def held() -> Session:\n    return SessionLocal()\n\n\n"
    code = CODE.replace("class Settings:", f"{held}class Settings:")
    code = code.replace("user: User, db: Session):\n", "user: User):\n        db = held()\n")
    code = code.replace("self.create(user, db)", "self.create(user)").replace("self, db: Session, user", "self, user")
    assert _notes(tmp_path, code.replace("fetch(db, ", "fetch(")) == ["user.setting"]


def test_object_that_cannot_be_told(tmp_path: Path) -> None:
    code = CODE.replace("user = db.get(User, 1)", "user = db.scalars(select(User)).first()")
    assert _notes(tmp_path, code) == ["user.notes"]


def _notes(root: Path, code: str) -> list[str]:
    done = migrated(root, {"app.py": code})
    assert done.plan.refusals == []
    text = " loaded again after the commit, with what is stored here, and keeps what it held now: refresh(user, ["
    return [note.text.partition(" ")[0] for note in done.plan.notes if text in note.text]
