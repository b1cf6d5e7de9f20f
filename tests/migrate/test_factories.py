from __future__ import annotations

from pathlib import Path

from tests.migrate.kit import flipped, refusal

HEAD = """\
from factory.alchemy import SQLAlchemyModelFactory
from sqlmodel import Session


class UserFactory(SQLAlchemyModelFactory):
    class Meta:
        sqlalchemy_session_persistence = "commit"


"""


def test_factories_run_in_run_sync(tmp_path: Path) -> None:
    code = HEAD + "def make(session: Session, **values):\n    UserFactory._meta.sqlalchemy_session = session\n"
    code += "    UserFactory.create_batch(3)\n    return UserFactory(**values)\n"
    new = flipped(tmp_path, code)
    assert "async def make(session: AsyncSession, **values):\n" in new
    assert "    UserFactory._meta.sqlalchemy_session = session.sync_session\n" in new
    assert "    await session.run_sync(lambda sync_session: UserFactory.create_batch(3))\n" in new
    assert "    return await session.run_sync(lambda sync_session: UserFactory(**values))\n" in new
    assert flipped(tmp_path / "again", new) == new


def test_factory_without_a_session_at_hand(tmp_path: Path) -> None:
    code = HEAD + "def make():\n    return UserFactory()\n\n\ndef save(session: Session):\n    session.commit()\n"
    assert "factory_boy works with a synchronous session" in refusal(tmp_path, code)
