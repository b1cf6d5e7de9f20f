from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, fixed, other_form, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

MODELS = """

from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine("sqlite+aiosqlite://")


async def use():
    async with engine.begin() as conn:
        await conn.run_sync(Base.metadata.create_all)
        session = AsyncSession(conn)
        FORM
        await session.close()
"""
STORED = """await store(session, [Item(id=1)])
        print((await session.scalars(select(Item.id))).all())"""


@pytest.mark.parametrize("series", SERIES)
def test_async_sessions_have_no_bulk_methods(series: str, tmp_path: Path) -> None:
    after = MODELS.replace("FORM", STORED) + awaiting("use()")
    claim = "AttributeError: 'AsyncSession' object has no attribute 'bulk_save_objects'"
    assert error(example("ASQ410", series, tmp_path, after)) == claim
    good = use_instead("ASQ410", series, tmp_path, after)
    assert (good.returncode, good.stdout, good.stderr) == (0, "[1]\nNone\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("form", "cls", "name"),
    [
        ("session.expire_on_commit", "AsyncSession", "expire_on_commit"),
        ("engine.execute(select(1))", "AsyncEngine", "execute"),
        ("conn.fetch('SELECT 1')", "AsyncConnection", "fetch"),
        ("(await session.stream(select(1))).rowcount", "AsyncResult", "rowcount"),
        ("(await session.scalars(select(1))).scalar_one_or_none()", "ScalarResult", "scalar_one_or_none"),
        ("(await session.scalars(select(1))).scalars()", "ScalarResult", "scalars"),
    ],
)
def test_each_member_is_missing(series: str, form: str, cls: str, name: str, tmp_path: Path) -> None:
    code = section(load()["ASQ410"], "Use instead") + MODELS.replace("FORM", form) + awaiting("use()")
    claim = f"AttributeError: '{cls}' object has no attribute '{name}'"
    assert claim in run(series, code, cwd=tmp_path).stderr


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(("holder", "expired"), [("session", True), ("session.sync_session", False)])
def test_only_the_inner_session_reads_what_is_set(series: str, holder: str, expired: bool, tmp_path: Path) -> None:
    form = f"""{holder}.expire_on_commit = False
        item = Item(id=1)
        session.add(item)
        await session.commit()
        print("id" not in item.__dict__)"""
    code = section(load()["ASQ410"], "Use instead") + MODELS.replace("FORM", form) + awaiting("use()")
    assert run(series, code, cwd=tmp_path).stdout.splitlines()[0] == str(expired)


def test_fix_gives_the_other_form(tmp_path: Path) -> None:
    assert fixed("ASQ410", tmp_path) == other_form("ASQ410")
