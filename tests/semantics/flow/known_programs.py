"""Programs of which more can be known than that two objects may be the same; marked lines raise when they run."""

from __future__ import annotations

KNOWN = {
    "a foreign key that is not loaded finds nothing in the session": """
        async def main(flag):
            async with factory() as session:
                teams = (await session.scalars(select(Team))).all()
                match = (await session.scalars(select(Match).limit(1).options(defer(Match.team_id)))).one()
                print(len(teams), match.team)  # relationship
    """,
    "a foreign key that is loaded finds what is in the session": """
        async def main(flag):
            async with factory() as session:
                teams = (await session.scalars(select(Team))).all()
                match = (await session.scalars(select(Match).limit(1).options(defer(Match.name)))).one()
                print(len(teams), match.team)
    """,
    "a collection that raises on SQL": """
        async def main(flag):
            async with factory() as session:
                label = await session.get_one(Label, 1)
                print(len(await label.awaitable_attrs.items))  # raising
    """,
    "what was loaded before another one was made": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                match = Match(name="new")
                session.add(match)
                await session.flush()
                await session.refresh(match)
            print(len(matches), match.notes)  # detached
    """,
    "nothing is loaded again since the commit": """
        async def main(flag):
            async with expiring() as session:
                notes = selectinload(Match.notes).immediateload(Note.match)
                matches = (await session.scalars(select(Match).limit(1).options(notes))).all()
                all_notes = (await session.scalars(select(Note))).all()
                await session.commit()
            print(len(matches), [note.match for note in all_notes])  # detached
    """,
    "one is loaded again since the commit, with its options": """
        async def main(flag):
            async with expiring() as session:
                notes = selectinload(Match.notes).immediateload(Note.match)
                match = (await session.scalars(select(Match).where(Match.id == 1).options(notes))).one()
                all_notes = (await session.scalars(select(Note).limit(1))).all()
                await session.commit()
                await session.refresh(match)
                print([note.match for note in all_notes])
    """,
    "a many-to-one without a key needs a session": """
        async def main(flag):
            async with factory() as session:
                match = Match(name="new")
                session.add(match)
                await session.flush()
                await session.refresh(match)
                other = Match(name="other")
                session.add(other)
                await session.flush()
                await session.refresh(other)
                print(other.team)
            print(match.team)  # detached
            print(other.team)
    """,
    "an update of a row that was just inserted": """
        async def main(flag):
            async with factory() as session:
                team = Team(name="new")
                session.add(team)
                await session.execute(update(Team).values(name=func.upper(Team.name)))
                print(team.name)  # expired
    """,
    "a helper that gets what the caller holds": """
        async def find(session: AsyncSession, key: int):
            return await session.get_one(Match, key, options=[selectinload(Match.notes)])

        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                match = await find(session, 1)
                print(len(matches), match.notes)  # relationship
    """,
    "get() leaves another object that it may give as it is": """
        async def main(flag):
            async with factory() as session:
                first = (await session.scalars(select(Match).limit(1))).one()
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
                print(match.name, first.notes)  # relationship
    """,
    "a query for an object that a variable holds loads what was not loaded": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                query = select(Match).where(Match.id == 1).options(selectinload(Match.notes))
                again = (await session.scalars(query)).one()
                print(len(match.notes))
                await session.refresh(again)
                print(match.notes)  # relationship
    """,
    "a query for an expired object that a variable holds": """
        async def main(flag):
            async with expiring() as session:
                match = await session.get_one(Match, 1)
                await session.commit()
                query = select(Match).where(Match.id == 1).options(selectinload(Match.notes))
                again = (await session.scalars(query)).one()
                print(again.name, match.name, match.notes)
                print(match.team)  # relationship
    """,
    "a query for one of two objects": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                query = select(Match).where(Match.id == 2).options(selectinload(Match.notes))
                again = (await session.scalars(query)).one()
                print(again.notes)
                print(match.notes)  # relationship
    """,
    "what a refresh of one relationship brings in ends where its class is on the way": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                await session.refresh(match, ["team"])
            print(match.team.players)
            print(match.team.players[0].teams)  # detached
    """,
    "what awaitable_attrs brings in ends where its class is on the way": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                team = await match.awaitable_attrs.team
            print([player.name for player in team.players])
            print([player.teams for player in team.players])  # detached
    """,
    "what was read before a refresh": """
        async def main(flag):
            async with factory() as session:
                teams = (await session.scalars(select(Team))).all()
                match = await session.get_one(Match, 1)
                print(len(teams), match.team is None)
                await session.refresh(match)
            print(match.team)  # detached
    """,
    "options of the query that loaded it first stay": """
        async def main(flag):
            async with factory() as session:
                match = (await session.scalars(select(Match).limit(1).options(raiseload(Match.notes)))).one()
                matches = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                print(len(matches), len(match.notes))
                await session.refresh(match)
                print(match.notes)  # raising
    """,
    "options of the query that may have loaded it first": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                match = (await session.scalars(select(Match).limit(1).options(raiseload(Match.notes)))).one()
                await session.refresh(match)
                print(len(matches), len(match.notes))
    """,
    "a refresh that brings nothing else in": """
        async def main(flag):
            async with expiring() as session:
                team = await session.get_one(Team, 1)
                match = Match(name="new", team=team)
                session.add(match)
                await session.commit()
                await session.refresh(match)
                print(match.team)  # relationship
    """,
    "behind what may be loaded, or else fails": """
        async def main(flag):
            async with factory() as session:
                notes = (await session.scalars(select(Note).options(selectinload(Note.match)))).all()
                match = (await session.scalars(select(Match).limit(1))).one()
                query = select(Match).where(Match.id == 1).options(joinedload(Match.team))
                matches = (await session.scalars(query)).all()
            print(len(notes), len(matches))
            print(match.team.matches)  # detached
    """,
    "behind what may be loaded with all that is read": """
        async def main(flag):
            async with factory() as session:
                match = (await session.scalars(select(Match).limit(1))).one()
                query = select(Match).where(Match.id == 1).options(joinedload(Match.team).selectinload(Team.matches))
                matches = (await session.scalars(query)).unique().all()
            print(len(matches), match.team.matches)
    """,
    "behind what was set": """
        async def main(flag):
            async with factory() as session:
                match = (await session.scalars(select(Match).limit(1))).one()
                other = await session.get_one(Match, 1, options=[joinedload(Match.team)])
                other.team = Team(name="new", matches=[])
                print(match.team.matches)
    """,
    "what one alone has behind it": """
        async def main(flag):
            async with factory() as session:
                notes = selectinload(Match.notes).selectinload(Note.match)
                query = select(Note).where(Note.id == 1).options(joinedload(Note.match).options(notes))
                note = (await session.scalars(query)).one()
                matches = (await session.scalars(select(Match))).all()
                print(note.match.notes)
                print([match.notes for match in matches])  # relationship
    """,
    "what two have behind them": """
        async def main(flag):
            async with factory() as session:
                query = select(Note).limit(2).options(joinedload(Note.match).selectinload(Match.notes))
                notes = (await session.scalars(query)).all()
                matches = (await session.scalars(select(Match).limit(2))).all()
                print(len(notes), [match.notes for match in matches])
    """,
    "what was never inserted keeps what it holds": """
        async def main(flag):
            async with factory() as session:
                note = await session.get_one(Note, 1)
                session.expire(note)
                match = Match(name="new", notes=[note])
                session.add(match)
            print(match.name, match.team)
            print([note.name for note in match.notes])  # detached
    """,
    "an option takes the place of what the mapping lets raise": """
        async def main(flag):
            async with factory() as session:
                draft = (await session.scalars(select(Draft).options(defer(Draft.text)).limit(1))).one()
                await session.run_sync(lambda sync: draft.text)
            async with factory() as session:
                draft = await session.get_one(Draft, 1)
                await session.run_sync(lambda sync: draft.text)  # raising
    """,
    "what is new is loaded anew, and has no keys": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                draft = Draft(team=team)
                session.add(draft)
                await session.commit()
                drafts = (await session.scalars(select(Draft).execution_options(populate_existing=True))).all()
                print(len(drafts), draft.label, draft.match)
    """,
    "of many that may be the same, each comes back with its options": """
        async def main(flag):
            async with expiring() as session:
                matches = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                await session.commit()
                for match in matches:
                    await match.awaitable_attrs.name
                    print(match.notes)
                    print(match.team)  # relationship
    """,
    "get() gives what came without its options": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).options(selectinload(Match.team)))).all()
                team = await session.get_one(Team, 1, options=[raiseload(Team.matches)])
                print(len(matches), await team.awaitable_attrs.matches)
    """,
    "what was left out comes together after a refresh": """
        async def main(flag):
            async with factory() as session:
                query = select(Match).options(defer(Match.name), defer(Match.team_id)).limit(1)
                match = (await session.scalars(query)).one()
                if flag:
                    await session.refresh(match)
                    await match.awaitable_attrs.name
                    print(match.team_id)
                else:
                    await match.awaitable_attrs.name
                    print(match.team_id)  # deferred
    """,
}
