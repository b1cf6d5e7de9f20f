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
from tests.sqlalchemy_versions import installed, supported

MODELS = """
from dataclasses import dataclass
from typing import Annotated, Optional, Sequence
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, ForeignKey, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship, selectinload


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

PROGRAMS = {
    "both sides of a relationship load themselves: the way back is not loaded": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                print([player.name for player in team.players])
                print(team.players[0].teams)  # relationship
    """,
    "a relationship to the class itself is not loaded by itself": """
        async def main(flag):
            async with factory() as session:
                note = (await session.execute(select(Note).where(Note.id == 1))).scalar_one_or_none()
                if note is None:
                    return
                print(note.replies)  # relationship
    """,
    "refresh() of an object that was made with its collection": """
        async def main(flag):
            async with factory() as session:
                match = Match(name="first", notes=[Note(name="goal")])
                session.add(match)
                await session.commit()
                print(len(match.notes))
                await session.refresh(match)
                print(len(match.notes))  # relationship
    """,
    "refresh() that names the collection": """
        async def main(flag):
            async with factory() as session:
                match = Match(name="first", notes=[Note(name="goal")])
                session.add_all([match])
                await session.commit()
                await session.refresh(match, ["notes"])
                print(len(match.notes))
    """,
    "refresh() of what an option loaded applies the option": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
                await session.refresh(match)
                print([note.name for note in match.notes])
    """,
    "refresh() of what refresh() loaded": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                await session.refresh(match, attribute_names=["notes"])
                print(match.notes)
                await session.refresh(match)
                print(match.notes)  # relationship
    """,
    "either the team is not loaded, or its matches are not": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                print(team.name)
                match = await session.get_one(Match, 3)
                print(match.team.matches)  # relationship
    """,
    "a team that the session holds": """
        async def main(flag):
            async with factory() as session:
                teams = (await session.scalars(select(Team))).all()
                matches = (await session.scalars(select(Match))).all()
                print({match.id: match.team.name for match in matches})
                print([team.name for team in teams])
    """,
    "a repository and a service": """
        class Matches:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session

            async def by_id(self, key: int) -> Optional[Match]:
                return await self.session.get(Match, key)

            async def listed(self) -> Sequence[Match]:
                statement = select(Match).options(selectinload(Match.notes)).order_by(Match.id)
                return (await self.session.scalars(statement)).all()

        class Service:
            def __init__(self, matches: Matches) -> None:
                self.matches = matches

            async def titles(self) -> list[str]:
                return [f"{match.name} {len(match.notes)}" for match in await self.matches.listed()]

            async def notes(self, key: int) -> list[str]:
                match = await self.matches.by_id(key)
                if match is None:
                    raise LookupError(key)
                return sorted(note.name for note in match.notes)  # relationship

        async def main(flag):
            async with factory() as session:
                service = Service(Matches(session))
                print(await service.titles())
            async with factory() as session:
                service = Service(Matches(session))
                print(await service.notes(1))
    """,
    "a helper gives what its session held": """
        async def find(key):
            async with factory() as session:
                return await session.scalar(select(Match).where(Match.id == key))

        async def main(flag):
            match = await find(1)
            print(match.name)
            print(match.notes)  # detached
    """,
    "a helper gives the same from two branches": """
        async def find(key, flag):
            async with factory() as session:
                statement = select(Match).where(Match.id == key)
                if flag:
                    statement = statement.options(joinedload(Match.team))
                return (await session.execute(statement)).scalar_one()

        async def main(flag):
            match = await find(1, flag)
            print(match.notes)  # detached
    """,
    "a helper that loads what is asked for": """
        async def find(session, key, with_notes=False):
            statement = select(Match).where(Match.id == key)
            if with_notes:
                statement = statement.options(selectinload(Match.notes))
            return (await session.execute(statement)).scalar_one()

        async def main(flag):
            async with factory() as session:
                match = await find(session, 1, with_notes=True)
                print(match.notes)
            async with factory() as session:
                match = await find(session, 1, not flag)
                if not flag:
                    print(match.notes)
            async with factory() as session:
                match = await find(session, 1)
                print(match.name, match.notes)  # relationship
    """,
    "a helper that is given what was asked before": """
        async def find(session, key, with_notes: bool):
            if not with_notes:
                return await session.get_one(Match, key)
            return await session.get_one(Match, key, options=[selectinload(Match.notes)])

        async def main(flag: bool):
            async with factory() as session:
                if flag:
                    match = await find(session, 1, flag)
                    print(match.notes)
                else:
                    match = await find(session, 1, flag)
                    print(match.notes)  # relationship
    """,
    "a schema made of an expired object": """
        async def main(flag):
            async with expiring() as session:
                note = await session.get_one(Note, 1)
                note.name = "better"
                await session.commit()
                print(NoteOut.model_validate(note))  # expired
    """,
    "a schema made after refresh()": """
        async def main(flag):
            async with expiring() as session:
                note = await session.get_one(Note, 1)
                note.name = "better"
                await session.commit()
                await session.refresh(note)
                print(NoteOut.model_validate(note))
    """,
    "a nested schema": """
        async def main(flag):
            async with factory() as session:
                match = (await session.scalars(select(Match).where(Match.id == 1))).one()
                print(MatchOut.model_validate(match))  # relationship
    """,
    "a sort key and a loop": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                ordered = sorted(matches, key=lambda match: match.name)
                for match in ordered:
                    for note in match.notes:  # relationship
                        print(note.name)
    """,
    "what merge() gives": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
            async with factory() as session:
                merged = await session.merge(match)
                merged.name = "changed"
                await session.commit()
                print(merged.name)
    """,
    "made objects, found by add_all()": """
        async def main(flag):
            async with expiring() as session:
                notes = [Note(name="one"), Note(name="two")]
                session.add_all(notes)
                await session.commit()
                print([note.name for note in notes])  # expired
    """,
    "one of all has its notes": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
                matches = (await session.scalars(select(Match).order_by(Match.id))).all()
                print(len(match.notes))
                print([len(other.notes) for other in matches])  # relationship
    """,
    "the only one of all has its notes": """
        async def main(flag):
            async with factory() as session:
                match = (await session.scalars(select(Match).limit(1).options(selectinload(Match.notes)))).one()
                matches = (await session.scalars(select(Match).limit(1))).all()
                print(match.name, [len(other.notes) for other in matches])
    """,
    "the same parameter is the same object: options of get() mean nothing": """
        async def find(session: AsyncSession, key: int):
            match = await session.get_one(Match, key)
            again = await session.get_one(Match, key, options=[selectinload(Match.notes)])
            print(again.notes)  # relationship
            return match

        async def main(flag):
            async with factory() as session:
                await find(session, 1)
    """,
    "another parameter may be the same object": """
        async def find(session: AsyncSession, key: int, other: int):
            match = await session.get_one(Match, key, options=[selectinload(Match.notes)])
            again = await session.get_one(Match, other)
            print(again.notes)
            return match

        async def main(flag):
            async with factory() as session:
                await find(session, 1, 1)
    """,
    "what was made later is not what an object refers to": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                session.add(Team(name="new"))
                await session.commit()
                print(match.team)  # relationship
    """,
    "what was made later and given": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                team = Team(name="new", matches=[match])
                session.add(team)
                await session.commit()
                print(match.team.name)
    """,
    "what was made later, and whose key was given": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                team = Team(name="new")
                session.add(team)
                await session.flush()
                match.team_id = team.id
                await session.commit()
                print(match.team.name)
    """,
    "an update of all rows": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                await session.execute(update(Team).values(name="new"))
                print(team.name)
                print(team.updated)  # expired
    """,
    "an update of the row": """
        async def rename(session: AsyncSession, key: int, name: str):
            team = await session.get_one(Team, key)
            await session.execute(update(Team).where(Team.id == key).values(name=name))
            return team.updated  # expired

        async def main(flag):
            async with factory() as session:
                await rename(session, 1, "new")
    """,
    "an update of other rows": """
        async def rename(session: AsyncSession, key: int, name: str):
            team = await session.get_one(Team, key)
            await session.execute(update(Team).where(Team.name == name).values(name=name))
            await session.execute(update(Team).values(name=name).execution_options(synchronize_session=False))
            return team.updated

        async def main(flag):
            async with factory() as session:
                await rename(session, 1, "new")
    """,
    "what run_sync() reads is loaded": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                await session.run_sync(lambda sync_session: match.notes)
                print(len(match.notes))
                print(match.team)  # relationship
    """,
    "a helper that is given the key": """
        async def by_id(session: AsyncSession, key: int) -> Match:
            return await session.get_one(Match, key)

        async def listed(session: AsyncSession, key: int):
            match = await by_id(session, key)
            key += 1
            other = await session.get_one(Match, key, options=[selectinload(Match.notes)])
            print(match.name, other.notes)
            again = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
            return again.notes

        async def main(flag):
            async with factory() as session:
                match = await by_id(session, 3)
                again = await session.get_one(Match, 3, options=[selectinload(Match.notes)])
                print(match.name, again.notes)  # relationship
            async with factory() as session:
                await listed(session, 2)
    """,
    "populate_existing resets what no option of its own loads": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
                print(match.notes)
                await session.scalars(select(Match).execution_options(populate_existing=True))
                print(match.name)
                await session.get(Match, 2, options=[selectinload(Match.notes)], populate_existing=True)
                await session.scalars(select(Match).where(Match.id == 1).options(selectinload(Match.notes)))
                print(match.notes)
                await session.get(Match, 1, populate_existing=True)
                print(match.notes)  # relationship
    """,
    "get() gives one of all that are held": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                match = await session.get_one(Match, 2, options=[selectinload(Match.notes)])
                print(len(matches), match.notes)  # relationship
    """,
    "get() after some that were held": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).where(Match.id < 2))).all()
                match = await session.get_one(Match, 2, options=[selectinload(Match.notes)])
                print(len(matches), match.notes)
    """,
    "awaitable_attrs of what was made": """
        async def main(flag):
            async with expiring() as session:
                match = Match(name="first")
                session.add(match)
                await session.commit()
                print(await match.awaitable_attrs.notes, match.name)
    """,
}


@pytest.fixture(scope="module", params=[series for series in supported() if series != "1.4"])
def worker(request: pytest.FixtureRequest) -> Iterator[tuple[Worker, str]]:
    with Worker(str(installed(request.param))) as running:
        yield running, request.param


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_marked_raises_and_nothing_else(name: str, worker: tuple[Worker, str]) -> None:
    check(PROGRAMS[name], MODELS, worker)


def check(program: str, models: str, worker: tuple[Worker, str]) -> None:
    running, series = worker
    factory = EXPIRING if "expiring()" in program else KEEPING
    source = ast.unparse(ast.parse(models + factory + textwrap.dedent(program))) + "\n"
    marked = re.findall(r"  # (\w+)$", program, re.MULTILINE)
    lines = [line.partition("  # ")[0].strip() for line in program.splitlines() if "  # " in line]
    predicted = predict(source, series)
    assert list(predicted.values()) == marked
    assert [source.splitlines()[line - 1].strip() for line in predicted] == [_unparsed(line) for line in lines]
    judged: list[Judgement] = []
    for shorter, found in rounds(source, running, series):
        source, judged = shorter, [*judged, *found]
    assert [item.verdict for item in judged] == ["right"] * len(marked)
    assert {run.text for run in running.run(source)} == {""}


def _unparsed(line: str) -> str:
    returned = line.startswith("return ")
    text = line.removeprefix("return ")
    text = ast.unparse(ast.parse(f"{text}\n    pass" if text.endswith(":") else text)).split("\n")[0]
    return f"return {text}" if returned else text
