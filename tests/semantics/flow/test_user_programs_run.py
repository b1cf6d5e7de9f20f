"""What users do with objects besides reading them plainly: what is marked raises, and nothing else does."""

from __future__ import annotations

import pytest

from flake8_async_sqla.dev.differential.predict import predict
from flake8_async_sqla.dev.differential.running import Worker
from tests.semantics.flow.block_programs import PROGRAMS as BLOCKS
from tests.semantics.flow.generator_programs import PROGRAMS as GENERATORS
from tests.semantics.flow.helper_programs import PROGRAMS as HELPERS
from tests.semantics.flow.test_programs_run import MODELS, check, worker
from tests.semantics.flow.user_programs import PROGRAMS as USERS

PROGRAMS = {**USERS, **HELPERS, **BLOCKS, **GENERATORS}
HEADER, ENGINE, URL = MODELS.partition("engine = ")
MORE = (
    """
import asyncio
import logging
from dataclasses import InitVar, asdict
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar
"""
    + HEADER
    + """

from sqlalchemy import event, inspect
from sqlalchemy.orm import MappedAsDataclass, Session, load_only, validates, with_loader_criteria


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


class Listed:
    loaders = ()

    def __init__(self, session: AsyncSession, model=None) -> None:
        self.session = session
        self.model = model

    async def all(self, **filters):
        query = select(self.model).filter_by(**filters).options(*self.loaders)
        return (await self.session.scalars(query)).all()

    async def one(self, key):
        return await self.session.get_one(self.model, key, options=self.loaders)


class WithTeam(Listed):
    loaders = (joinedload(Match.team),)

    async def first(self):
        return await self.session.scalar(select(Match).limit(1).options(*self.loaders))


class WithBoth(WithTeam):
    loaders = (joinedload(Match.team), selectinload(Match.notes))


class WithNotes(Listed):
    loaders = (selectinload(Match.notes),)

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session, Match)


VIEWS = {"list": [joinedload(Match.team)], "detail": [joinedload(Match.team), selectinload(Match.notes)]}


class Priced(BaseModel):
    name: str
    shop_id: int


class Tag(Base):
    __tablename__ = "tag"
    shown = ("id",)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    gift_id: Mapped[Optional[int]] = mapped_column(ForeignKey("team.id"))
    shop: Mapped[Shop] = relationship()
    gift: Mapped[Optional[Team]] = relationship()

    @validates("name")
    def _named(self, key, value):
        return value if self.shop is None else f"{self.shop.name}: {value}"

    def __lt__(self, other):
        return self.shop.name < other.shop.name

    def __repr__(self):
        return ", ".join(f"{name}={getattr(self, name)}" for name in self.shown)


class Branch(Base):
    __tablename__ = "branch"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[Optional[int]] = mapped_column(ForeignKey("branch.id"))
    children: Mapped[list["Branch"]] = relationship(back_populates="parent")
    parent: Mapped[Optional["Branch"]] = relationship(back_populates="children", remote_side=[id])


class Stamp(Base):
    __tablename__ = "stamp"
    shown = ("id", "shop")
    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    shop: Mapped[Shop] = relationship()

    def __repr__(self):
        return ", ".join(f"{name}={getattr(self, name)}" for name in self.shown)


async def tagged(session, *, name, shop_id):
    tag = Tag(name=name, shop_id=shop_id)
    session.add(tag)
    await session.commit()
    await session.refresh(tag)
    return tag


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
