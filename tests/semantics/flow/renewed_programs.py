"""Programs that load anew what the session holds: with ``populate_existing``, by a refresh, or after a flush."""

RENEWED = {
    "an object that is loaded anew keeps the options that it came with": """
        async def main(flag):
            async with factory() as session:
                query = select(Match).where(Match.id == 1)
                match = (await session.scalars(query.options(selectinload(Match.notes)))).one()
                again = (await session.scalars(query.execution_options(populate_existing=True))).one()
                session.expire_all()
                match.name = "changed"
                await session.commit()
                print(again.notes)
    """,
    "an object that is loaded anew is the one that the session had": """
        async def main(flag):
            async with factory() as session:
                query = select(Match).where(Match.id == 1).execution_options(populate_existing=True)
                match = await session.get_one(Match, 1)
                again = (await session.scalars(query)).one()
                session.expunge(again)
                print(match.notes)  # detached
    """,
    "get() that loads an object anew gives the one that the session had": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                again = await session.get_one(Match, 1, populate_existing=True)
                session.expunge(again)
                print(match.notes)  # detached
    """,
    "an object that was inserted and then loaded anew takes the options of that query": """
        async def main(flag):
            async with expiring() as session:
                match = await session.get_one(Match, 1)
                note = Note(name="new", match=match)
                session.add(note)
                await session.flush()
                query = select(Note).options(immediateload(Note.match))
                (await session.scalars(query.execution_options(populate_existing=True))).all()
                await session.commit()
                await session.refresh(note)
                print(match.name)
    """,
    "an object that may have been inserted and loaded anew": """
        async def main(flag):
            async with expiring() as session:
                match = await session.get_one(Match, 1)
                note = Note(name="new", match=match)
                session.add(note)
                await session.flush()
                query = select(Note).where(Note.name == "new").options(immediateload(Note.match))
                (await session.scalars(query.execution_options(populate_existing=True))).all()
                await session.commit()
                await session.refresh(note)
                print(match.name)
    """,
    "what may have been flushed before it is queried again": """
        async def work(session: AsyncSession):
            match = await session.get(Match, 2)
            match.name = "changed"
            (await session.scalars(select(Note).options(joinedload(Note.match)))).all()
            again = (await session.scalars(select(Match).where(Match.id == 2).options(raiseload("*")))).first()
            await session.commit()
            await session.refresh(again, ["name"])
            print(match.updated)

        async def main(flag):
            async with factory() as session:
                await work(session)
    """,
    "a collection of a new object that is refreshed": """
        async def main(flag):
            async with expiring() as session:
                note = Note(name="new")
                match = Match(name="new", notes=[note])
                session.add(match)
                await session.commit()
                await session.refresh(match, attribute_names=["notes"])
                print(note.name)
    """,
    "one object behind a relationship that stays, for only an option leaves it out": """
        async def main(flag):
            from sqlalchemy.orm import lazyload
            async with factory() as session:
                query = select(Box).where(Box.id == 1).options(joinedload(Box.lid))
                box = (await session.scalars(query)).one()
                anew = select(Box).execution_options(populate_existing=True).options(lazyload(Box.lid))
                (await session.scalars(anew)).all()
                print(box.lid)
    """,
    "a subclass's object that get() of its base gives again": """
        async def main(flag):
            async with factory() as session:
                special = await session.get_one(SpecialMail, 2)
                mail = await session.get_one(Mail, 2, options=[selectinload(Mail.note)])
                session.expunge(mail)
                print(special.note)  # detached
    """,
    "a column whose read raised is loaded after a refresh by who may emit SQL": """
        async def main(flag):
            async with factory() as session:
                query = select(Match).where(Match.id == 1).options(load_only(Match.team_id, raiseload=True))
                match = (await session.scalars(query)).one()
                await session.refresh(match)
                print(await match.awaitable_attrs.name)
    """,
    "a column that is left out once more by a refresh": """
        async def main(flag):
            async with factory() as session:
                query = select(Match).where(Match.id == 1).options(load_only(Match.team_id, raiseload=True))
                match = (await session.scalars(query)).one()
                await session.refresh(match)
                print(match.name)  # deferred
    """,
    "an object that may have left the session with others": """
        async def main(flag):
            async with factory() as session:
                async with session.begin():
                    match = await session.get_one(Match, 1, options=[defer(Match.updated)])
                    for one in (await session.scalars(select(Match))).all():
                        session.expunge(one)
                    match.name = "changed"
                print(match.name, match.updated)
    """,
    "what a dynamic collection links is read by the flush": """
        async def main(flag):
            async with factory() as session:
                crate = (await session.scalars(select(Crate).where(Crate.id == 1).options(defer(Crate.name)))).one()
                crate.bottles.append(Bottle())
                await session.refresh(crate)
                print(crate.name)
    """,
}
