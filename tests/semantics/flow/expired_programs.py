"""Programs whose objects expire and come back; marked lines raise when they run."""

from __future__ import annotations

EXPIRED = {
    "immediateload() applies the options that an object came with first": """
        async def main(flag):
            async with expiring() as session:
                nested = selectinload(Team.matches).selectinload(Match.notes)
                teams = (await session.scalars(select(Team).options(nested))).all()
                notes = (await session.scalars(select(Note))).all()
                await session.commit()
                again = (await session.scalars(select(Team).options(immediateload(Team.matches)))).all()
                print(len(teams), len(again), [note.name for note in notes])
    """,
    "refresh() loads what a wildcard of the query left out": """
        async def main(flag):
            async with expiring() as session:
                player = await session.get_one(Player, 1)
                await session.rollback()
                team = (await session.scalars(select(Team).where(Team.id == 1).options(raiseload("*")))).one()
                await session.refresh(team)
                print(player.name)
    """,
    "the only object that a foreign key may lead to is expired": """
        async def main(flag):
            async with expiring() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.team)])
                await session.commit()
                again = (await session.scalars(select(Match).where(Match.id == 1))).one()
                print(again.team)  # relationship
    """,
    "one of the objects that a foreign key may lead to is back": """
        async def main(flag):
            async with expiring() as session:
                team = await session.get_one(Team, 1)
                teams = (await session.scalars(select(Team))).all()
                await session.commit()
                match = (await session.scalars(select(Match).where(Match.id == 1))).one()
                await session.refresh(team)
                print(len(teams), match.team)
    """,
    "what a refresh brings back has options of its own": """
        async def main(flag):
            async with expiring() as session:
                nested = selectinload(Team.matches).selectinload(Match.notes).selectinload(Note.match)
                teams = (await session.scalars(select(Team).options(nested))).all()
                note = (await session.scalars(select(Note).where(Note.id == 1))).one()
                match = (await session.scalars(select(Match).where(Match.id == 1))).one()
                await session.commit()
                await session.refresh(match, ["team"])
                again = (await session.scalars(select(Note).where(Note.id == 1))).one()
                print(len(teams), note.match, again.match)
    """,
    "a flush reads the key of what an object was linked to": """
        async def main(flag):
            async with factory.begin() as session:
                team = await session.get_one(Team, 1)
                match = await session.get_one(Match, 2)
                session.expire(match)
                match.team = team
                session.expire(team)
            print(team.name)
    """,
    "what comes along to another session is what came before": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 2, options=[selectinload(Match.team)])
                matching = select(Team).where(Team.id == 2).options(selectinload(Team.matches))
                team = (await session.scalars(matching)).one()
            async with factory() as session:
                session.add(Match(name="new", team=team))
                await session.get(Team, 2)
            print(match.name, team.matches[0].team)
    """,
    "a flush brings an object back": """
        async def main(flag):
            async with expiring() as session:
                team = await session.get_one(Team, 1)
                teams = (await session.scalars(select(Team))).all()
                await session.commit()
                session.add(Match(name="new", team=team))
                match = (await session.scalars(select(Match).where(Match.id == 1))).one()
                print(len(teams), match.team)
    """,
    "what is loaded of one is loaded of the same object": """
        async def main(flag):
            async with factory() as session:
                first = await session.scalar(select(SpecialMail).where(SpecialMail.id == 2))
                again = await session.get(Mail, 2, options=[selectinload(Mail.note)])
                print(await again.awaitable_attrs.note)
            print(first.note)
    """,
    "what may be expired comes with the rest": """
        async def main(flag):
            async with expiring() as session:
                matches = (await session.scalars(select(Match))).all()
                query = [selectinload(Team.matches).options(selectinload(Match.team))]
                old = await session.get_one(Team, 1, options=query)
                team = Team(name="new")
                session.add(team)
                await session.commit()
                match = await session.get(Match, 2)
                print(await team.awaitable_attrs.name)
            print(match, old, matches, team.players)
    """,
}
