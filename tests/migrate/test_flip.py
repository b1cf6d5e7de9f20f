from __future__ import annotations

from pathlib import Path

from tests.migrate.kit import flipped, migrated, refusal

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


def test_property_is_a_barrier(tmp_path: Path) -> None:
    code = f"{HEAD}\n\nclass Repository:\n    def __init__(self, db: Session):\n        self.db = db\n\n"
    code += "    @property\n    def size(self):\n        return self.db.scalar(text('SELECT 1'))\n"
    assert "reading an attribute cannot await" in refusal(tmp_path, code)


def test_function_passed_on_as_a_value(tmp_path: Path) -> None:
    code = f"{HEAD}\n\ndef load(db: Session, key):\n    return db.get(int, key)\n\n\ntable = {{'load': load}}\n"
    assert "passed on as a value" in refusal(tmp_path, code)
