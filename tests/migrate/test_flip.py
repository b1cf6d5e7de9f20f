from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import flipped, migrated

HEAD = """\
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite:///app.db")
SessionLocal = sessionmaker(bind=engine)
"""


def test_engine_factory_and_url(tmp_path: Path) -> None:
    assert flipped(tmp_path, HEAD.replace("create_engine, text", "create_engine").replace("Session, ", "")) == (
        "from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine\n\n"
        'engine = create_async_engine("sqlite+aiosqlite:///app.db")\n'
        "SessionLocal = async_sessionmaker(bind=engine, expire_on_commit=False)\n"
    )


def test_await_binds_before_what_follows(tmp_path: Path) -> None:
    code = f"{HEAD}\n\ndef one(db: Session):\n    return db.execute(text('SELECT 1')).scalars().all()\n"
    assert "    return (await db.execute(text('SELECT 1'))).scalars().all()\n" in flipped(tmp_path, code)


def test_callers_become_coroutine_functions_in_other_files(tmp_path: Path) -> None:
    crud = "from sqlalchemy.orm import Session\n\n\ndef save(db: Session, thing):\n    db.add(thing)\n    db.commit()\n"
    use = "import crud\n\n\ndef store(db, thing):\n    crud.save(db, thing)\n\n\ndef untouched():\n    return 1\n"
    done = migrated(tmp_path, {"crud.py": crud, "use.py": use})
    assert "async def save(db: AsyncSession, thing):\n    db.add(thing)\n    await db.commit()\n" in (
        done.files["crud.py"][1].decode()
    )
    assert "async def store(db, thing):\n    await crud.save(db, thing)\n\n\ndef untouched" in (
        done.files["use.py"][1].decode()
    )
    assert [remark.text for remark in done.plan.coloured] == [
        "save -> Session.commit",
        "store -> save -> Session.commit",
    ]


def test_annotation_of_a_generator(tmp_path: Path) -> None:
    code = f"from collections.abc import Generator\n{HEAD}\n\ndef get_db() -> Generator[Session, None, None]:\n"
    code += "    with SessionLocal() as db:\n        yield db\n"
    new = flipped(tmp_path, code)
    assert "async def get_db() -> AsyncGenerator[AsyncSession, None]:\n    async with SessionLocal() as db:\n" in new


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "db.bulk_save_objects(things)",
            "await db.run_sync(lambda sync_session: sync_session.bulk_save_objects(things))",
        ),
        ("if not db.get(int, 1):\n        pass", "if not await db.get(int, 1):\n        pass"),
        ("x = -db.scalar(q)", "x = -await db.scalar(q)"),
        ("x = db.scalar(q) ** 2", "x = await db.scalar(q) ** 2"),
        ("x = db.execute(q)[0]", "x = (await db.execute(q))[0]"),
        ("x = f'{db.scalar(q)}'", "x = f'{await db.scalar(q)}'"),
        ("db.add(things); db.commit()", "db.add(things); await db.commit()"),
        ("with db.begin():\n        pass", "async with db.begin():\n        pass"),
        ("with db.no_autoflush:\n        pass", "with db.no_autoflush:\n        pass"),
        ("x = [y for y in db.scalars(q)]", "x = [y for y in await db.scalars(q)]"),
        ("db.expunge_all()", "db.expunge_all()"),
    ],
)
def test_operations(tmp_path: Path, before: str, after: str) -> None:
    code = "from sqlalchemy.orm import Session\n\n\ndef f(db: Session, q, things):\n    {}\n    db.flush()\n"
    new = flipped(tmp_path, code.format(before))
    assert new.endswith(f"async def f(db: AsyncSession, q, things):\n    {after}\n    await db.flush()\n")


def test_overrides_change_together(tmp_path: Path) -> None:
    code = f"""\
{HEAD}

class Store:
    def load(self, db: Session):
        raise NotImplementedError


class Real(Store):
    def load(self, db: Session):
        return db.scalar(text("SELECT 1"))


def use(store: Store, db: Session):
    return store.load(db)
"""
    new = flipped(tmp_path, code)
    assert new.count("async def load(self, db: AsyncSession):") == 2
    assert "async def use(store: Store, db: AsyncSession):\n    return await store.load(db)\n" in new


def test_contextmanagers_and_generators_of_the_project(tmp_path: Path) -> None:
    code = f"""\
from contextlib import contextmanager
{HEAD}

@contextmanager
def scope():
    session = SessionLocal()
    try:
        yield session
        session.commit()
    finally:
        session.close()


def rows(db: Session):
    for row in db.execute(text("SELECT 1")):
        yield row


def use():
    with scope() as db:
        return [row for row in rows(db)]
"""
    new = flipped(tmp_path, code)
    assert "@asynccontextmanager\nasync def scope():\n" in new
    assert "        await session.commit()\n    finally:\n        await session.close()\n" in new
    assert "async def use():\n    async with scope() as db:\n        return [row async for row in rows(db)]\n" in new


def test_inspector(tmp_path: Path) -> None:
    code = f"from sqlalchemy import inspect\n{HEAD}\n\ndef there(name):\n    return inspect(engine).has_table(name)\n"
    assert flipped(tmp_path, code).endswith(
        "async def there(name):\n    async with engine.connect() as connection:\n"
        "        return await connection.run_sync(lambda connection: inspect(connection).has_table(name))\n"
    )


def test_blocking_calls_are_noted(tmp_path: Path) -> None:
    code = (
        f"import time\n{HEAD}\n\ndef wait():\n    time.sleep(1)\n\n\ndef f(db: Session):\n    wait()\n    db.commit()\n"
    )
    blocking = [remark.text for remark in migrated(tmp_path, {"app.py": code}).plan.hygiene]
    assert blocking == ["f() runs on the event loop now, and wait() -> time.sleep() blocks it: use a thread"]


def test_existing_async_code_stays(tmp_path: Path) -> None:
    code = """\
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")


async def f(db: AsyncSession):
    await db.commit()
    await db.run_sync(lambda session: session.commit())
"""
    assert flipped(tmp_path, code) == code


def test_base_class_in_a_module_without_a_word_about_databases(tmp_path: Path) -> None:
    base = "from abc import ABC, abstractmethod\n\n\nclass Service(ABC):\n"
    base += "    @abstractmethod\n    def fetch(self, db): ...\n"
    code = "from base import Service\nfrom sqlalchemy.orm import Session\n\n\nclass Things(Service):\n"
    code += "    def fetch(self, db: Session):\n        return db.get(int, 1)\n"
    done = migrated(tmp_path, {"base.py": base, "app.py": code})
    assert done.plan.refusals == []
    assert b"    async def fetch(self, db): ...\n" in done.files["base.py"][1]


def test_connections_and_transactions_held_in_variables(tmp_path: Path) -> None:
    code = f"""\
{HEAD}

def write():
    connection = engine.connect()
    transaction = connection.begin()
    try:
        connection.execute(text("SELECT 1"))
        transaction.commit()
    except ValueError:
        transaction.rollback()
    finally:
        connection.close()
"""
    assert flipped(tmp_path, code).endswith("""\
async def write():
    connection = await engine.connect()
    transaction = await connection.begin()
    try:
        await connection.execute(text("SELECT 1"))
        await transaction.commit()
    except ValueError:
        await transaction.rollback()
    finally:
        await connection.close()
""")


def test_session_in_objects_context_variables_and_background_tasks(tmp_path: Path) -> None:
    code = f"""\
from contextvars import ContextVar
from dataclasses import dataclass

from fastapi import BackgroundTasks, Depends, FastAPI
{HEAD}
current: ContextVar[Session] = ContextVar("current")
app = FastAPI()


@dataclass
class Unit:
    session: Session

    def save(self):
        self.session.commit()


def note(db):
    db.commit()


@app.get("/")
def read(tasks: BackgroundTasks, db: Session = Depends(lambda: SessionLocal())):
    tasks.add_task(note, db)
    current.set(db)
    current.get().flush()
    unit = Unit(session=db)
    unit.save()
    note(db)
"""
    new = flipped(tmp_path, code)
    assert "    session: AsyncSession\n\n    async def save(self):\n        await self.session.commit()\n" in new
    assert "async def note(db):\n    await db.commit()\n" in new
    assert new.endswith(
        "    tasks.add_task(note, db)\n    current.set(db)\n    await current.get().flush()\n"
        "    unit = Unit(session=db)\n    await unit.save()\n    await note(db)\n"
    )


def test_repository_that_keeps_a_model_class(tmp_path: Path) -> None:
    code = f"""\
{HEAD}

class Repository:
    def __init__(self, model: type[object]):
        self.model = model

    def get(self, db: "Session", key):
        return db.query(self.model).filter(self.model.id == key).first()
"""
    done = migrated(tmp_path, {"app.py": code}, ("query", "flip"))
    assert (
        done.files["app.py"][1]
        .decode()
        .endswith(
            "    async def get(self, db: AsyncSession, key):\n"
            "        return (await db.scalars(select(self.model).filter(self.model.id == key).limit(1))).first()\n"
        )
    )


def test_query_over_several_lines_gets_no_parentheses_inside_a_call(tmp_path: Path) -> None:
    code = """\
from sqlalchemy import Column, Integer
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class A(Base):
    __tablename__ = "a"
    id = Column(Integer, primary_key=True)


def rows(db: Session):
    return (
        db.query(A)
        .order_by(A.id)
        .all()
    )
"""
    done = migrated(tmp_path, {"app.py": code}, ("query", "loading", "flip"))
    new = done.files["app.py"][1].decode()
    assert "        (await db.scalars(select(A)\n        .order_by(A.id)))\n        .all()\n" in new
