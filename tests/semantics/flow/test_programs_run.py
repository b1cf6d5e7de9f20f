"""Programs as users write them: what is marked raises when it runs, and what is left without it runs to its end."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

import pytest

from flake8_async_sqla.dev.differential.compare import Judgement, rounds
from flake8_async_sqla.dev.differential.predict import predict
from flake8_async_sqla.dev.differential.running import Worker
from tests.semantics.flow.expired_programs import EXPIRED
from tests.semantics.flow.held_programs import HELD
from tests.semantics.flow.known_programs import KNOWN
from tests.semantics.flow.linked_programs import LINKED
from tests.semantics.flow.merged_programs import MERGED
from tests.semantics.flow.queried_programs import QUERIED
from tests.semantics.flow.renewed_programs import RENEWED
from tests.sqlalchemy_versions import installed, supported

MODELS = """
from dataclasses import dataclass
from typing import Annotated, Optional, Sequence
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, ForeignKey, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, DynamicMapped, Mapped, defer, immediateload, joinedload, load_only
from sqlalchemy.orm import mapped_column, raiseload, relationship, selectinload, subqueryload


class Base(AsyncAttrs, DeclarativeBase):
    pass


membership = Table(
    "membership",
    Base.metadata,
    Column("team_id", ForeignKey("team.id"), primary_key=True),
    Column("player_id", ForeignKey("player.id"), primary_key=True),
)


class Team(Base):
    __tablename__ = "team"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated: Mapped[Optional[str]] = mapped_column(onupdate=func.now())
    players: Mapped[list["Player"]] = relationship(secondary=membership, back_populates="teams", lazy="selectin")
    matches: Mapped[list["Match"]] = relationship(back_populates="team")


class Player(Base):
    __tablename__ = "player"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    teams: Mapped[list[Team]] = relationship(secondary=membership, back_populates="players", lazy="selectin")


class Match(Base):
    __tablename__ = "match"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    team_id: Mapped[Optional[int]] = mapped_column(ForeignKey("team.id"))
    updated: Mapped[Optional[str]] = mapped_column(onupdate=func.now())
    team: Mapped[Optional[Team]] = relationship(back_populates="matches")
    notes: Mapped[list["Note"]] = relationship(back_populates="match")


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    match_id: Mapped[Optional[int]] = mapped_column(ForeignKey("match.id"))
    match: Mapped[Optional[Match]] = relationship(back_populates="notes")
    parent_id: Mapped[Optional[int]] = mapped_column(ForeignKey("note.id"))
    replies: Mapped[list["Note"]] = relationship(lazy="selectin")


class Shelf(Base):
    __tablename__ = "shelf"
    id: Mapped[int] = mapped_column(primary_key=True)
    items: Mapped[list["Item"]] = relationship(back_populates="shelf", lazy="selectin")
    label: Mapped[Optional["Label"]] = relationship()


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))
    label_id: Mapped[Optional[int]] = mapped_column(ForeignKey("label.id"))
    shelf: Mapped[Shelf] = relationship(back_populates="items", lazy="joined")


class Label(Base):
    __tablename__ = "label"
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[Optional[int]] = mapped_column(ForeignKey("shelf.id"))
    items: Mapped[list["Item"]] = relationship(lazy="raise_on_sql")
    stickers: Mapped[list["Sticker"]] = relationship(back_populates="label")


class Sticker(Base):
    __tablename__ = "sticker"
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))
    shelf: Mapped[Shelf] = relationship(lazy="joined")
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    label: Mapped[Label] = relationship(back_populates="stickers")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    leaves: Mapped[list["Leaf"]] = relationship(lazy="subquery")


class Leaf(Base):
    __tablename__ = "leaf"
    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"))


class Cover(Base):
    __tablename__ = "cover"
    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"))
    book: Mapped[Book] = relationship()


class Mail(Base):
    __tablename__ = "mail"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "mail"}
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Optional[str]] = mapped_column()
    note_id: Mapped[Optional[int]] = mapped_column(ForeignKey("note.id"))
    note: Mapped[Optional[Note]] = relationship()


class SpecialMail(Mail):
    __mapper_args__ = {"polymorphic_identity": "specialmail"}
    extra: Mapped[Optional[str]] = mapped_column()


class Post(Base):
    __tablename__ = "post"
    __mapper_args__ = {"eager_defaults": True}
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    created: Mapped[Optional[str]] = mapped_column(server_default=func.now())
    replies: Mapped[list["Reply"]] = relationship()


class Reply(Base):
    __tablename__ = "reply"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    post_id: Mapped[Optional[int]] = mapped_column(ForeignKey("post.id"))


class Draft(Base):
    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[Optional[str]] = mapped_column(deferred_raiseload=True)
    label_id: Mapped[Optional[int]] = mapped_column(ForeignKey("label.id"))
    label: Mapped[Optional[Label]] = relationship(lazy="raise_on_sql")
    match_id: Mapped[Optional[int]] = mapped_column(ForeignKey("match.id"))
    match: Mapped[Optional[Match]] = relationship()
    team_id: Mapped[Optional[int]] = mapped_column(ForeignKey("team.id"))
    team: Mapped[Optional[Team]] = relationship()


class Box(Base):
    __tablename__ = "box"
    id: Mapped[int] = mapped_column(primary_key=True)
    lid: Mapped[Optional["Lid"]] = relationship(lazy="raise_on_sql")


class Lid(Base):
    __tablename__ = "lid"
    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[Optional[int]] = mapped_column(ForeignKey("box.id"))


content = Table(
    "content",
    Base.metadata,
    Column("crate_id", ForeignKey("crate.id"), primary_key=True),
    Column("bottle_id", ForeignKey("bottle.id"), primary_key=True),
)


class Crate(Base):
    __tablename__ = "crate"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Optional[str]]
    bottles: DynamicMapped["Bottle"] = relationship(secondary=content, back_populates="crates")


class Bottle(Base):
    __tablename__ = "bottle"
    id: Mapped[int] = mapped_column(primary_key=True)
    crates: Mapped[list[Crate]] = relationship(secondary=content, back_populates="bottles")


class NoteOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


class MatchOut(NoteOut):
    notes: list[NoteOut]


engine = create_async_engine("sqlite+aiosqlite:///app.db")
"""
KEEPING = "factory = async_sessionmaker(engine, expire_on_commit=False)\n"
EXPIRING = "expiring = factory = async_sessionmaker(engine)\n"

PROGRAMS = {**QUERIED, **HELD, **EXPIRED, **KNOWN, **LINKED, **MERGED, **RENEWED}


@pytest.fixture(scope="module", params=[series for series in supported() if series != "1.4"])
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    with Worker(str(installed(request.param))) as running:
        yield running


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_marked_raises_and_nothing_else(name: str, worker: Worker) -> None:
    check(PROGRAMS[name], MODELS, worker)


def check(program: str, models: str, worker: Worker) -> None:
    factory = EXPIRING if "expiring()" in program else KEEPING
    source = ast.unparse(ast.parse(models + factory + textwrap.dedent(program))) + "\n"
    marked = re.findall(r"  # (\w+)$", program, re.MULTILINE)
    lines = [line.partition("  # ")[0].strip() for line in program.splitlines() if "  # " in line]
    predicted = predict(source, worker.series)
    assert list(predicted.values()) == marked
    assert [source.splitlines()[line - 1].strip() for line in predicted] == [_unparsed(line) for line in lines]
    judged: list[Judgement] = []
    for shorter, found in rounds(source, worker):
        source, judged = shorter, [*judged, *found]
    assert [item.verdict for item in judged] == ["right"] * len(marked)
    assert {run.text for run in worker.run(source)} == {""}


def _unparsed(line: str) -> str:
    returned = line.startswith("return ")
    text = line.removeprefix("return ")
    text = ast.unparse(ast.parse(f"{text}\n    pass" if text.endswith(":") else text)).split("\n")[0]
    return f"return {text}" if returned else text
