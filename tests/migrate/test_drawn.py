"""Sessions that ``next(get_db())`` takes out of a generator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrate.kit import migrated

DATABASE = """\
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker

engine = create_engine("sqlite:///shop.db")
SessionLocal = sessionmaker(bind=engine)
registry = scoped_session(SessionLocal)


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id = Column(Integer, primary_key=True)
    name = Column(String)


def get_db():
    db = {made}
    try:
        yield db
    finally:
        db.close()


def create_tables():
    Base.metadata.create_all(engine)


if __name__ == "__main__":
    create_tables()
"""
FUNCTION = """\
from shop.database import Item, get_db


def add(name):
    db = next(get_db())
    item = Item(name=name)
    db.add(item)
    db.commit()
    return item.id
"""
SEED = """\
from shop.database import Item, get_db

db = next(get_db())

# the first ones
for name in ("bed", "shoe"):
    db.add(Item(name=name))
db.commit()
print(db.query(Item).count())
"""
IMPORTED = """\
from shop.database import Item, get_db

db = next(get_db())


def populate():
    db.add(Item(name="choco"))
    db.commit()
    print(db.query(Item).count())
    db.close()
"""
MAIN = """\
from shop.populate import populate
from shop.service import add

if __name__ == "__main__":
    print(add("latte"))
    populate()
"""
MADE = ["SessionLocal()", "Session(engine)", "registry()"]


def _run(root: Path) -> str:
    (root / "shop.db").unlink(missing_ok=True)
    printed = ""
    for name in ("database", "seed", "main"):
        command = [sys.executable, "-W", "error::RuntimeWarning", "-m", f"shop.{name}"]
        done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        printed += done.stdout
    return printed


@pytest.mark.parametrize("made", MADE)
def test_program_prints_the_same_afterwards(tmp_path: Path, made: str) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/database.py": DATABASE.format(made=made),
        "shop/service.py": FUNCTION,
        "shop/seed.py": SEED,
        "shop/populate.py": IMPORTED,
        "shop/main.py": MAIN,
    }
    done = migrated(tmp_path, files, ("query", "loading", "flip"))
    assert done.plan.refusals == []
    before = _run(tmp_path)
    assert before == "2\n3\n4\n"
    for name, (_, new) in done.files.items():
        (tmp_path / name).write_bytes(new)
    assert _run(tmp_path) == before
    again = {name: (tmp_path / name).read_text(encoding="utf-8") for name in files}
    assert migrated(tmp_path, again, ("query", "loading", "flip")).files == {}


def _new(root: Path, code: str, database: str = DATABASE.format(made="SessionLocal()")) -> str:
    done = migrated(root, {"shop/__init__.py": "", "shop/database.py": database, "shop/use.py": code})
    assert done.plan.refusals == []
    return done.files["shop/use.py"][1].decode()


def test_function_enters_the_session(tmp_path: Path) -> None:
    assert _new(tmp_path, FUNCTION) == (
        "from shop.database import Item, SessionLocal\n\n\nasync def add(name):\n"
        "    async with SessionLocal() as db:\n        item = Item(name=name)\n        db.add(item)\n"
        "        await db.commit()\n        return item.id\n"
    )


def test_script_enters_it_too(tmp_path: Path) -> None:
    assert _new(tmp_path, SEED.replace("print(db.query(Item).count())\n", "")) == (
        "import asyncio\n\nfrom shop.database import Item, SessionLocal\n\n# the first ones\n\n\nasync def main():\n"
        "    async with SessionLocal() as db:\n"
        '        for name in ("bed", "shoe"):\n            db.add(Item(name=name))\n'
        "        await db.commit()\n\n\nasyncio.run(main())\n"
    )


def test_module_that_others_import_makes_it(tmp_path: Path) -> None:
    code = "from shop.database import get_db\n\ndb = next(get_db())\n\n\ndef save():\n    db.commit()\n"
    done = migrated(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/database.py": DATABASE.format(made="Session(engine)"),
            "shop/use.py": code,
            "main.py": "from shop import use\n",
        },
    )
    assert done.plan.refusals == []
    assert done.files["shop/use.py"][1].decode() == (
        "from shop.database import engine\nfrom sqlalchemy.ext.asyncio import AsyncSession\n\n"
        "db = AsyncSession(engine, expire_on_commit=False)\n\n\nasync def save():\n    await db.commit()\n"
    )


@pytest.mark.parametrize(
    ("taken", "made"),
    [
        ("    try:\n        db = next(get_db())\n    finally:\n        db.commit()\n", "        db = SessionLocal()\n"),
        (
            "    db = next(get_db())\n    db.commit()\n    return db\n",
            "    db = SessionLocal()\n    await db.commit()\n",
        ),
        ("    db: Session = next(get_db())\n    db.commit()\n", "    async with SessionLocal() as db:\n        await"),
        ("    return next(get_db())\n", "    return SessionLocal()\n"),
    ],
)
def test_session_that_is_used_elsewhere_is_made_where_it_was_taken(tmp_path: Path, taken: str, made: str) -> None:
    code = f"from sqlalchemy.orm import Session\n\nfrom shop.database import get_db\n\n\ndef save():\n{taken}"
    assert made in _new(tmp_path, code)


def test_generator_that_does_more_is_entered(tmp_path: Path) -> None:
    database = DATABASE.format(made="SessionLocal()").replace("    try:", "    print('begun')\n    try:")
    assert "    async with asynccontextmanager(get_db)() as db:\n        item" in _new(tmp_path, FUNCTION, database)


def test_commit_that_never_ran_does_not_run_now(tmp_path: Path) -> None:
    database = DATABASE.format(made="SessionLocal()").replace("yield db\n", "yield db\n        db.commit()\n")
    assert "    async with SessionLocal() as db:\n        item" in _new(tmp_path, FUNCTION, database)
    database = database.replace("    try:", "    print('begun')\n    try:")
    files = {"shop/__init__.py": "", "shop/database.py": database, "shop/use.py": FUNCTION}
    done = migrated(tmp_path / "more", files)
    assert done.files == {}
    assert any("ASQ223" in remark.text for remark in done.plan.refusals)


KEPT = """\
from shop.database import Item, get_db


def add(name):
    generator = get_db()
    db = next(generator)
    try:
        db.add(Item(name=name))
        db.commit()
    finally:
        {closed}
"""


@pytest.mark.parametrize(
    ("closed", "new"),
    [("next(generator, None)", "await anext(generator, None)"), ("generator.close()", "await generator.aclose()")],
)
def test_generator_that_a_variable_holds(tmp_path: Path, closed: str, new: str) -> None:
    code = _new(tmp_path, KEPT.format(closed=closed))
    assert "async def add(name):\n    generator = get_db()\n    db = await anext(generator)\n" in code
    assert code.endswith(f"        {new}\n")


def test_generator_that_a_variable_gives_away_is_refused(tmp_path: Path) -> None:
    code = KEPT.format(closed="print(generator)")
    done = migrated(tmp_path, {"shop/__init__.py": "", "shop/database.py": DATABASE.format(made=MADE[0]), "a.py": code})
    assert "becomes an asynchronous generator and is not iterated here" in done.plan.refusals[0].text


def test_fixture_named_as_a_value_is_nobodys_call(tmp_path: Path) -> None:
    tests = """\
    import pytest

    from shop.database import SessionLocal


    @pytest.fixture
    def session():
        db = SessionLocal()
        yield db
        db.close()


    @pytest.fixture
    def broken():
        yield session
    """
    files = {"shop/__init__.py": "", "shop/database.py": DATABASE.format(made=MADE[0]), "tests/conftest.py": tests}
    done = migrated(tmp_path, files)
    assert done.plan.refusals == []
    assert "@pytest.fixture\ndef broken():\n    yield session\n" in done.files["tests/conftest.py"][1].decode()
