"""``--bridge``: functions that only work with a session they are given stay as they are, and ``run_sync`` runs them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from flake8_async_sqla.cli.migrate import lint
from flake8_async_sqla.migrate.migration import ORDER, Migration, migrate
from flake8_async_sqla.migrate.project import Options
from flake8_async_sqla.semantics.settings import Settings
from tests.migrate.kit import write

MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
"""
CRUD = """\
from models import User
from sqlalchemy.orm import Session


def named(db: Session, name):
    return db.query(User).filter(User.name == name).first()


def add(db: Session, name, *, twice=False):
    if not twice and named(db, name):
        return None
    user = User(name=name)
    db.add(user)
    db.commit()
    return user
"""
MAIN = """\
import crud
from crud import named
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def main():
    with Session(engine) as session:
        crud.add(session, "a", twice=True)
        crud.add(name="b", db=session)
        return named(session, "a").name
"""


def _bridged(root: Path, crud: str, main: str = MAIN, stages: Sequence[str] = ORDER) -> Migration:
    write(root, files := {"models.py": MODELS, "crud.py": crud, "main.py": main})
    return migrate(str(root), list(files), stages, Settings(), lint, options=Options(bridge=True))


def test_functions_that_work_with_a_session_stay(tmp_path: Path) -> None:
    done = _bridged(tmp_path, CRUD)
    assert done.plan.refusals == []
    assert list(done.files) == ["main.py"]
    assert (
        done.files["main.py"][1]
        .decode()
        .endswith("""\
async def main():
    async with AsyncSession(engine, expire_on_commit=False) as session:
        await session.run_sync(crud.add, "a", twice=True)
        await session.run_sync(crud.add, name="b")
        return (await session.run_sync(named, "a")).name
""")
    )
    assert [remark.text for remark in done.plan.bridges] == [
        "run_sync() runs add()", "run_sync() runs add()", "run_sync() runs named()",
    ]  # fmt: skip


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    for path, (_, new) in _bridged(tmp_path, CRUD).files.items():
        (tmp_path / path).write_bytes(new)
    again = migrate(
        str(tmp_path), ["models.py", "crud.py", "main.py"], ORDER, Settings(), lint, options=Options(bridge=True)
    )
    assert (again.files, again.plan.refusals) == ({}, [])


@pytest.mark.parametrize(
    "function",
    [
        "def named(db: Session, name):\n    from main import engine\n\n    with Session(engine) as other:\n"
        "        return other.query(User).filter(User.name == name).first()\n",
        "def named(name, db: Session):\n    return db.query(User).filter(User.name == name).first()\n",
        "def named(db: Session, name):\n    db = Session(db.bind)\n    return db.query(User).first()\n",
        "def named(db: Session, name):\n    return [lambda: db.query(User).first()][0]()\n",
    ],
)
def test_functions_that_do_more_do_not_stay(function: str, tmp_path: Path) -> None:
    crud = "from models import User\nfrom sqlalchemy.orm import Session\n\n\n" + function
    main = MAIN.replace('        crud.add(session, "a", twice=True)\n        crud.add(name="b", db=session)\n', "")
    main = main.replace('named(session, "a")', 'named(db=session, name="a")')
    done = _bridged(tmp_path, crud, main)
    assert done.plan.bridges == []
    assert "crud.py" in done.files or "crud.py" in done.refused


def test_function_that_calls_one_that_does_not_stay_does_not_either(tmp_path: Path) -> None:
    crud = CRUD.replace("def named(db: Session, name):\n", "def named(name, db: Session):\n").replace(
        "named(db, name)", "named(name, db)"
    )
    done = _bridged(tmp_path, crud, MAIN.replace('named(session, "a")', 'named("a", session)'))
    assert done.plan.refusals == []
    assert "    await crud.add(session, " in (main := done.files["main.py"][1].decode())
    assert "run_sync" not in main
