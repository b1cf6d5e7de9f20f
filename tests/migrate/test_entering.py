"""Classes whose instances ``with`` enters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import flipped, refusal

UNIT = """\
from contextlib import AbstractContextManager, ExitStack, contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

factory = sessionmaker(create_engine("sqlite+aiosqlite://"))


class Unit(AbstractContextManager["Unit"]):
    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.rollback()

    def rollback(self):
        pass


class SqlUnit(Unit):
    def __enter__(self):
        self.session = factory()
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.session.close()

    def rollback(self):
        self.session.rollback()


"""


def test_units_of_work(tmp_path: Path) -> None:
    code = """\
def total(unit: Unit):
    with unit:
        return 1


def number():
    with SqlUnit() as unit, factory() as other:
        return unit.session.scalar(text("SELECT 1")) + other.scalar(text("SELECT 1"))


def by_hand(unit: SqlUnit):
    unit.__enter__()
"""
    after = flipped(tmp_path, UNIT + code)
    assert 'class Unit(AbstractAsyncContextManager["Unit"]):\n    async def __aenter__(self):\n' in after
    assert "    async def __aexit__(self, *error):\n        await self.rollback()\n\n    async def rollback(" in after
    assert "        return await super().__aenter__()\n" in after
    assert "        await super().__aexit__(*error)\n        await self.session.close()\n" in after
    assert "async def total(unit: Unit):\n    async with unit:\n" in after
    assert "    async with SqlUnit() as unit, factory() as other:\n        return await unit.session" in after
    assert "    await unit.__aenter__()\n" in after


def test_objects_that_need_no_await_stay(tmp_path: Path) -> None:
    code = """\
class Timer:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        print(error)


def total():
    with Timer():
        with factory() as session:
            return session.scalar(text("SELECT 1"))
"""
    after = flipped(tmp_path, UNIT + code)
    assert "class Timer:\n    def __enter__(self):\n" in after
    assert "    with Timer():\n        async with factory() as session:\n" in after


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def one(unit):\n    with unit:\n        pass\n", "'with unit' may enter what becomes an asynchronous"),
        (
            "def one():\n    with ExitStack() as stack:\n        stack.enter_context(SqlUnit())\n",
            "passed on as a value",
        ),
        ("def one():\n    with SqlUnit() as a, open('b') as c:\n        pass\n", "enters synchronous and asynchronous"),
        ("class One:\n    def __init__(self):\n        with SqlUnit():\n            pass\n", "Python calls __init__()"),
    ],
)
def test_what_cannot_be_entered_asynchronously(tmp_path: Path, code: str, reason: str) -> None:
    assert reason in refusal(tmp_path, UNIT + code)


def test_managers_and_sessions_in_one_block(tmp_path: Path) -> None:
    code = """\
@contextmanager
def opened():
    with factory() as session:
        yield session


def total():
    with opened() as session, session.begin():
        return session.scalar(text("SELECT 1"))
"""
    after = flipped(tmp_path, UNIT + code)
    assert "    async with opened() as session, session.begin():\n        return await session" in after
