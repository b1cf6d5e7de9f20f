"""Programs whose session holds what they read, or may hold it; marked lines raise when they run."""

from __future__ import annotations

HELD = {
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
    "to expire drops what options left out": """
        async def main(flag):
            async with factory() as session:
                match = (await session.scalars(select(Match).where(Match.id == 1).options(defer(Match.name)))).one()
                session.expire(match)
                print(await match.awaitable_attrs.team_id)
                print(match.name)
    """,
    "refresh() drops what was changed": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                team.name = "changed"
                await session.refresh(team, ["name"])
                print(team.updated)
    """,
    "raiseload() holds for what another query loads too": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).options(raiseload(Match.team)))).all()
                teams = (await session.scalars(select(Team))).all()
                await session.scalars(select(Match))
                for match in matches:
                    print(len(teams), match.team)  # raising
    """,
    "what is expired forgets raiseload()": """
        async def main(flag):
            async with factory() as session:
                match = (await session.scalars(select(Match).where(Match.id == 1).options(raiseload(Match.team)))).one()
                session.expire(match)
                print(await match.awaitable_attrs.team)
    """,
    "what was made is behind nothing": """
        async def main(flag):
            async with factory() as session:
                team = Team(name="new")
                session.add(team)
                await session.flush()
                match = await session.get_one(Match, 1, options=[joinedload(Match.team).selectinload(Team.matches)])
                print(match.team.matches)
                print(team.matches)  # new
    """,
    "what was made is behind what it was given to": """
        async def main(flag):
            async with factory() as session:
                team = Team(name="new")
                match = Match(name="new", team=team)
                session.add(match)
                await session.commit()
                await session.scalars(select(Match).options(joinedload(Match.team).selectinload(Team.matches)))
                print(team.matches)
    """,
    "the collection of a new object holds what is linked to it": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                match.team = Team(name="new")
                for other in match.team.matches:
                    print(other.notes)  # relationship
    """,
    "a key that may be None": """
        async def add(session, team_id):
            match = Match(name="new", team_id=team_id or None)
            session.add(match)
            await session.flush()
            return match

        async def main(flag):
            async with factory() as session:
                match = await add(session, None)
                print(match.team)
    """,
    "a many-to-one that was found without a query is loaded when the session is gone": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.team)])
                again = (await session.scalars(select(Match).where(Match.id == 1))).one()
                session.expire(match, ["team"])
                teams = (await session.scalars(select(Team))).all()
                print(again.team, len(teams))
            print(match.team)
    """,
    "what was made leads nowhere, once its key is loaded": """
        async def main(flag):
            async with expiring() as session:
                match = Match(name="new")
                session.add(match)
                await session.commit()
                print(await match.awaitable_attrs.name)
                print(match.team)
    """,
    "populate_existing drops options behind what is loaded": """
        async def main(flag):
            async with factory() as session:
                raising = select(Team).where(Team.id == 1).options(selectinload(Team.matches), raiseload("*"))
                team = (await session.scalars(raising)).one()
                statement = select(Team).where(Team.id < 2).options(selectinload(Team.matches))
                teams = (await session.scalars(statement.execution_options(populate_existing=True))).all()
                print(len(teams), [match.team for match in team.matches])
    """,
    "what is added brings what is behind it": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
                notes = (await session.scalars(select(Note).where(Note.match_id == 1))).all()
            async with factory() as session:
                session.add(match)
                print([note.match for note in notes])
    """,
    "the other side of a collection that was set and expired is loaded by the flush": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                team.players = []
                session.expire(team)
                await session.get(Match, 1)
                print(team.players)
    """,
}
