from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

AFTER = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Author(id=1, books=[Book(), Book()]))
        await session.commit()
    try:
        async with AsyncSession(engine) as session:
            print(await count_books(session, 1))
    finally:
        await engine.dispose()

asyncio.run(main())
"""
SYMPTOM = "AttributeError: 'Author' object has no attribute 'awaitable_attrs'"
BASES = {
    "declarative_base": (
        "from sqlalchemy import Column, Integer\n"
        "from sqlalchemy.ext.asyncio import AsyncAttrs\n"
        "from sqlalchemy.orm import declarative_base\n"
        "Base = declarative_base({})\n"
        "class Author(Base):\n"
        "    __tablename__ = 'authors'\n"
        "    id = Column(Integer, primary_key=True)\n",
        "cls=AsyncAttrs",
    ),
    "SQLModel": (
        "from sqlalchemy.ext.asyncio import AsyncAttrs\n"
        "from sqlmodel import Field, SQLModel\n"
        "class Author({}SQLModel, table=True):\n"
        "    id: int | None = Field(default=None, primary_key=True)\n",
        "AsyncAttrs, ",
    ),
    "dataclass": (
        "from sqlalchemy.ext.asyncio import AsyncAttrs\n"
        "from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column\n"
        "class Base({}MappedAsDataclass, DeclarativeBase): pass\n"
        "class Author(Base):\n"
        "    __tablename__ = 'authors'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n",
        "AsyncAttrs, ",
    ),
}
READ = "import asyncio\nasync def main(): print(await Author(id=3).awaitable_attrs.id)\nasyncio.run(main())\n"


@pytest.mark.parametrize("series", SERIES)
def test_only_async_attrs_brings_awaitable_attrs_along(series: str, tmp_path: Path) -> None:
    assert SYMPTOM in error(example("ASQ512", series, tmp_path, AFTER))
    good = use_instead("ASQ512", series, tmp_path, AFTER)
    assert (good.stdout, good.stderr) == ("2\n", "")


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("base", BASES)
def test_every_base_takes_async_attrs(base: str, series: str) -> None:
    source, addition = BASES[base]
    assert "awaitable_attrs" in error(run(series, source.format("") + READ))
    good = run(series, source.format(addition) + READ)
    assert (good.stdout, good.stderr) == ("3\n", "")
