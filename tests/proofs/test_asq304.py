"""What is not a coroutine cannot be awaited."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.awaiting import with_engine, with_session
from tests.proofs.programs import SERIES, error, example, not_awaitable, use_instead
from tests.sqlalchemy_versions import run

ITEM = """

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"

    sku: Mapped[str] = mapped_column(primary_key=True)
"""


@pytest.mark.parametrize("series", SERIES)
def test_add_cannot_be_awaited(series: str, tmp_path: Path) -> None:
    driver = ITEM + with_session("add(session, Item(sku='bolt'))")
    claim = not_awaitable("NoneType")
    assert error(example("ASQ304", series, tmp_path, driver)) == claim
    good = use_instead("ASQ304", series, tmp_path, driver)
    assert (good.returncode, good.stdout, good.stderr) == (0, "None\nrows 1\n", "")


MEMBERS = {
    "session.expire_all()": "NoneType",
    "session.in_transaction()": "bool",
    "session.get_bind()": "Engine",
    "session.info": "dict",
    "session": "AsyncSession",
}


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("member", MEMBERS)
def test_other_members(series: str, member: str, tmp_path: Path) -> None:
    done = run(series, with_session(member), cwd=tmp_path)
    assert error(done) == not_awaitable(MEMBERS[member])


@pytest.mark.parametrize("series", SERIES)
def test_begin_of_an_engine_is_no_coroutine(series: str, tmp_path: Path) -> None:
    claim = not_awaitable("_AsyncGeneratorContextManager")
    assert error(run(series, with_engine("engine.begin()"), cwd=tmp_path)) == claim


SYNCHRONOUS = """
import asyncio
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

factory = sessionmaker(create_engine("sqlite://"))


async def main():
    with factory() as session:
        await session.{call}


asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("call", "given"),
    [("execute(text('SELECT 1'))", "CursorResult"), ("scalar(text('SELECT 1'))", "int"), ("commit()", "NoneType")],
)
def test_nothing_of_a_synchronous_session_can_be_awaited(series: str, call: str, given: str, tmp_path: Path) -> None:
    done = run(series, SYNCHRONOUS.format(call=call), cwd=tmp_path)
    assert error(done) == not_awaitable(given)


@pytest.mark.parametrize("series", SERIES)
def test_rows_of_a_synchronous_session_cannot_be_awaited(series: str, tmp_path: Path) -> None:
    made = SYNCHRONOUS.replace("\n\nasync def", "\nBase.metadata.create_all(factory.kw['bind'])\n\n\nasync def", 1)
    program = ITEM + made.format(call="execute(__import__('sqlalchemy').select(Item))")
    assert error(run(series, program, cwd=tmp_path)) == not_awaitable("ChunkedIteratorResult")


WAITING = [
    "asyncio.gather(session.expire_all())",
    "asyncio.wait_for(session.expire_all(), 1)",
    "asyncio.create_task(session.expire_all())",
]


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("call", WAITING)
def test_what_waits_for_coroutines_refuses_it(series: str, call: str, tmp_path: Path) -> None:
    found = error(run(series, with_session(call), cwd=tmp_path))
    assert found.startswith("TypeError: ")
    assert "a coroutine" in found or found == not_awaitable("NoneType")
