from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead

CLAIM = "greenlet_spawn has not been called"
AFTER = """
import asyncio
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): pass
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

async def main():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    try:
        async with factory() as session:
            user = User(id=1, name="ed")
            session.add(user)
            await session.commit()
            print(user.name)
    finally:
        await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_reading_after_a_commit_is_implicit_io(series: str, tmp_path: Path) -> None:
    raised = error(example("ASQ901", series, tmp_path, AFTER))
    assert CLAIM in raised
    assert "MissingGreenlet" in raised
    good = use_instead("ASQ901", series, tmp_path, AFTER)
    assert (good.returncode, good.stdout, good.stderr) == (0, "ed\n", "")
