"""Programs that read what queries, refreshes and helpers gave; marked lines raise when they run."""

from __future__ import annotations

QUERIED = {
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
    "a query stops where a relationship leads back": """
        async def main(flag):
            async with factory() as session:
                item = await session.get_one(Item, 1)
                print(item.shelf.items)  # relationship
    """,
    "refresh() does not stop there": """
        async def main(flag):
            async with factory() as session:
                item = await session.get_one(Item, 1)
                await session.refresh(item)
                print(item.shelf.items)
    """,
    "a flush reads keys where a relationship to one object was set": """
        async def main(flag):
            async with expiring() as session:
                shelf = await session.get_one(Shelf, 1)
                await session.commit()
                shelf.label = Label()
                await session.commit()
                shelf.label = None
                await session.scalars(select(Team))
                print(shelf.id)
    """,
    "what a turn of a loop expires is not what the next one reads": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                for match in matches:
                    await session.scalars(select(Team))
                    print(match.notes)
                    session.expire(match)
    """,
    "what is expired after it was made comes back with what the mapping loads": """
        async def main(flag):
            async with expiring() as session:
                shelf = Shelf()
                session.add(shelf)
                await session.commit()
                print(await shelf.awaitable_attrs.id)
                shelf.items = []
    """,
    "subqueryload() below another query forgets the way to it": """
        async def main(flag):
            async with factory() as session:
                way = selectinload(Player.teams).selectinload(Team.matches).subqueryload(Match.team)
                player = await session.get_one(Player, 1, options=[way])
                print(player.teams[0].matches[0].team.players)
    """,
    "refresh() applies the options of the query that loaded the object first": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                match = (await session.scalars(select(Match).where(Match.id == 1))).one()
                session.expire_all()
                await session.refresh(match)
                session.expunge_all()
                print(match.notes, len(matches))
    """,
    "populate_existing finds no options to keep in an empty session": """
        async def main(flag):
            async with factory() as session:
                found = await session.scalars(select(Match).execution_options(populate_existing=True))
                match = found.first()
                await session.refresh(match)
                print(match.notes)  # relationship
    """,
    "update() with a function of the database expires the column": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                await session.execute(update(Team).values(name=func.upper(Team.name)))
                print(team.name)  # expired
    """,
    "update() with what Python can evaluate sets the column": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                await session.execute(update(Team).values(name=Team.name + "s"))
                print(team.name)
    """,
    "get() may flush, and flush() does": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                match = Match(name="new")
                session.add(match)
                await session.get(Team, 1)
                await session.flush()
                print(match.notes, team.name)  # new
    """,
    "get() gives the one among all that another query loaded with an option": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                await session.scalars(select(Match).where(Match.id == 1).options(selectinload(Match.notes)))
                match = await session.get_one(Match, 1)
                print(match.notes, len(matches))
    """,
    "a relationship to an object that is in no session updates no row": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                match.team = Team(name="new", matches=[match])
                await session.flush()
                print(match.updated)
    """,
}
