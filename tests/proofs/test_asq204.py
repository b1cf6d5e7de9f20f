from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

AFTER = """
import asyncio

async def main():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    try:
        print(await create_user())
    finally:
        await engine.dispose()

asyncio.run(main())
"""
PROGRAM = """
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("sqlite+aiosqlite:///app.db")
factory = async_sessionmaker(engine{})

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="a")

class Out(BaseModel):
    id: int

async def create_user():
    async with factory() as session:
        session.add_all([User(id=1), User(id=2)])
        await session.commit()
{}
"""
GREENLET = "greenlet_spawn has not been called"
DETACHED = "DetachedInstanceError: Instance <User at "
CLAIMS = {
    "get": ("user = await session.get(User, 1)\nawait session.commit()\nreturn user.id", GREENLET),
    "query": ("user = (await session.scalars(select(User))).first()\nawait session.commit()\nreturn user.id", GREENLET),
    "begin": ("async with session.begin():\n    user = User()\n    session.add(user)\nreturn user.id", GREENLET),
    "merge": ("user = await session.merge(User(id=1))\nawait session.commit()\nreturn user.id", GREENLET),
    "loop": (
        "users = (await session.scalars(select(User))).all()\n"
        "for user in users:\n    print(user.name)\n    await session.commit()\nreturn 1",
        GREENLET,
    ),
    "augmented": ("user = await session.get(User, 1)\nawait session.commit()\nuser.name += 'x'\nreturn 1", GREENLET),
    "validated": (
        "user = await session.get(User, 1)\nawait session.commit()\n"
        "return Out.model_validate(user, from_attributes=True)",
        "MissingGreenlet",
    ),
    "closed": (
        "user = User()\nsession.add(user)\nawait session.commit()\nawait session.close()\nreturn user.id",
        DETACHED,
    ),
}


@pytest.mark.parametrize("series", SERIES)
def test_commit_expires_what_is_read_next(series: str, tmp_path: Path) -> None:
    assert GREENLET in error(example("ASQ204", series, tmp_path, AFTER))
    (tmp_path / "good").mkdir()
    good = use_instead("ASQ204", series, tmp_path / "good", AFTER)
    assert (good.stdout, good.stderr) == ("1\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("shape", CLAIMS)
def test_every_way_of_getting_an_object_expires(shape: str, series: str, tmp_path: Path) -> None:
    body, claim = CLAIMS[shape]
    indented = "\n".join(f"        {line}" for line in body.splitlines())
    bad = run(series, PROGRAM.format("", indented) + AFTER, cwd=tmp_path)
    assert bad.returncode
    assert claim in bad.stderr
    (tmp_path / "app.db").unlink()
    good = run(series, PROGRAM.format(", expire_on_commit=False", indented) + AFTER, cwd=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
