"""What users do with objects besides reading them plainly: what is marked raises, and nothing else does."""

from __future__ import annotations

import pytest

from flake8_async_sqla.dev.differential.predict import predict
from flake8_async_sqla.dev.differential.running import Worker
from tests.semantics.flow.test_programs_run import MODELS, check, worker
from tests.semantics.flow.user_programs import PROGRAMS

HEADER, ENGINE, URL = MODELS.partition("engine = ")
MORE = (
    """
import logging
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar
"""
    + HEADER
    + """

from sqlalchemy.orm import MappedAsDataclass, load_only


class Data(MappedAsDataclass, DeclarativeBase):
    metadata = Base.metadata


class Shop(Data):
    __tablename__ = "shop"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str]
    prices: Mapped[list["Price"]] = relationship(init=False)


class Price(Data):
    __tablename__ = "price"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))


class Loud(Base):
    __tablename__ = "loud"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    echoes: Mapped[list["Echo"]] = relationship()

    def __repr__(self):
        return f"<Loud {len(self.echoes)}>"


class Echo(Base):
    __tablename__ = "echo"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    loud_id: Mapped[int] = mapped_column(ForeignKey("loud.id"))


M = TypeVar("M", bound=Base)


class Repository(Generic[M]):
    model: type[M]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def by_id(self, key: int) -> Optional[M]:
        return await self.session.get(self.model, key)


class Passed(Generic[M]):
    def __init__(self, model: type[M], session: AsyncSession) -> None:
        self.model = model
        self.session = session

    async def by_id(self, key: int):
        return await self.session.get_one(self.model, key)


class Matches(Repository[Match]):
    model = Match

    async def by_id(self, key: int) -> Optional[Match]:
        found = await super().by_id(key)
        return found


class Notes(Passed[Note]):
    def __init__(self, session: AsyncSession) -> None:
        super().__init__(Note, session)


logger = logging.getLogger(__name__)
"""
    + ENGINE
    + URL
)

__all__ = ["worker"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_marked_raises_and_nothing_else(name: str, worker: Worker) -> None:
    check(PROGRAMS[name], MORE, worker)


def test_what_loggers_format() -> None:
    """Nothing is raised to be seen here: ``logging`` prints the exception instead of the message."""
    lines = {
        'logger.warning("%s", loud)': True,
        'logger.info("%r of %d", loud, loud.id)': True,
        'logging.error("%s", loud)': True,
        'logger.info("%d", loud.id)': False,
        'logger.debug("%s", loud)': False,
    }
    for line, found in lines.items():
        program = f"async def main(session: AsyncSession):\n    loud = await session.get_one(Loud, 1)\n    {line}\n"
        assert bool(predict(MORE + program, "2.0")) is found, line
