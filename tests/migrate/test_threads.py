"""``--threads``: blocking calls that would hold up the event loop go to threads."""

from __future__ import annotations

from pathlib import Path

from flake8_async_sqla.cli.migrate import lint
from flake8_async_sqla.migrate.migration import ORDER, migrate
from flake8_async_sqla.migrate.project import Options
from flake8_async_sqla.semantics.settings import Settings
from tests.migrate.kit import write

CODE = """\
import subprocess
import time

from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)


def wait(seconds, *, twice=False):
    time.sleep(seconds)


def about(user):
    time.sleep(1)


def save(db: Session, command):
    user = db.get(User, 1)
    wait(db.scalar(text("SELECT 1")), twice=True)
    about(user)
    lines = subprocess.check_output(command, text=True).splitlines()
    db.commit()
    return lines


def apart():
    time.sleep(1)
"""


def test_blocking_calls_go_to_threads(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": CODE})
    done = migrate(str(tmp_path), ["app.py"], ORDER, Settings(), lint, Options(threads=True))
    assert done.plan.refusals == []
    assert """
    user = await db.get(User, 1)
    await asyncio.to_thread(wait, await db.scalar(text("SELECT 1")), twice=True)
    about(user)
    lines = (await asyncio.to_thread(subprocess.check_output, command, text=True)).splitlines()
    await db.commit()
    return lines


def apart():
    time.sleep(1)
""" in done.files["app.py"][1].decode()
    assert [remark.text for remark in done.plan.changes] == [
        "a thread runs wait() -> time.sleep()", "a thread runs subprocess.check_output()",
    ]  # fmt: skip
    assert [remark.text for remark in done.plan.hygiene] == [
        "save() runs on the event loop now, and about() -> time.sleep() blocks it: use a thread"
    ]
