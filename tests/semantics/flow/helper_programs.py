"""Helpers that users write around queries: lists of options, generators, methods that Python calls by itself."""

from __future__ import annotations

PROGRAMS = {
    "options that a class declares": """
        async def main(flag):
            async with factory() as session:
                match, *_ = await WithNotes(session).all()
                print(match.notes)
                print(match.team)  # relationship
    """,
    "options that a subclass declares anew": """
        async def main(flag):
            async with factory() as session:
                match = await WithBoth(session, Match).first()
                print(match.team, match.notes)
            async with factory() as session:
                match = await WithBoth(session, Match).one(1)
                print(match.team, match.notes)
            async with factory() as session:
                match = await WithTeam(session, Match).first()
                print(match.notes)  # relationship
    """,
    "options of the base": """
        async def main(flag):
            async with factory() as session:
                for note in await Listed(session, Note).all():
                    print(note.match)  # relationship
    """,
    "options that get() is given by a class": """
        async def main(flag):
            async with factory() as session:
                match = await WithNotes(session).one(1)
                print(match.notes)
                print(match.team)  # relationship
    """,
    "a list that grows as constants say": """
        async def find(session, key, *, with_notes=False, with_team=False):
            options = []
            if with_notes:
                options.append(selectinload(Match.notes))
            if with_team:
                options.append(joinedload(Match.team))
            return (await session.execute(select(Match).where(Match.id == key).options(*options))).scalar_one()

        async def main(flag):
            async with factory() as session:
                match = await find(session, 1, with_team=True)
                print(match.team)
                print(match.notes)  # relationship
    """,
    "a list that grows for a flag": """
        async def main(flag):
            async with factory() as session:
                options = [joinedload(Match.team)]
                if flag:
                    options.append(selectinload(Match.notes))
                match = await session.scalar(select(Match).options(*options).limit(1))
                print(match.team)
                if flag:
                    print(match.notes)
    """,
    "a list that grows by names that are not seen": """
        async def find(session, names=("notes",)):
            options = [joinedload(Match.team)]
            for name in names:
                options.append(selectinload(getattr(Match, name)))
            return await session.scalar(select(Match).options(*options).limit(1))

        async def main(flag):
            async with factory() as session:
                match = await find(session)
                print(match.team, match.notes)
    """,
    "options by a key": """
        async def find(session, view):
            return await session.scalar(select(Match).options(*VIEWS[view]).limit(1))

        async def main(flag):
            async with factory() as session:
                match = await find(session, "list")
                print(match.team)
                print(match.notes)  # relationship
    """,
    "options by another key": """
        async def find(session, view):
            return await session.scalar(select(Match).options(*VIEWS[view]).limit(1))

        async def main(flag):
            async with factory() as session:
                match = await find(session, "detail")
                print(match.team, match.notes)
    """,
    "options put in front of others": """
        async def find(session, *options):
            base = [joinedload(Match.team)]
            return await session.scalar(select(Match).limit(1).options(*[*base, *options]))

        async def main(flag):
            async with factory() as session:
                match = await find(session, selectinload(Match.notes))
                print(match.team, match.notes)
    """,
    "options one by one": """
        async def find(session, *options):
            query = select(Match).limit(1)
            for option in options:
                query = query.options(option)
            return await session.scalar(query)

        async def main(flag):
            async with factory() as session:
                match = await find(session, defer(Match.updated), joinedload(Match.team), selectinload(Match.notes))
                print(match.team, match.notes)
    """,
    "options if there are any": """
        async def find(session, key, options=None):
            query = select(Match).where(Match.id == key)
            if options:
                query = query.options(*options, *VIEWS["list"])
            return await session.scalar(query)

        async def main(flag):
            async with factory() as session:
                match = await find(session, 1, [defer(Match.updated)])
                print(match.team)
                print(match.notes)  # relationship
            async with factory() as session:
                match = await find(session, 1)
                print(match.team)  # relationship
    """,
    "a generator yields rows": """
        async def each(session):
            for match in await session.scalars(select(Match)):
                yield match

        async def main(flag):
            async with factory() as session:
                async for match in each(session):
                    print(match.name)
                    print(match.notes)  # relationship
    """,
    "a generator yields what it has loaded": """
        async def each(session):
            result = await session.stream(select(Match).options(selectinload(Match.notes)))
            async for match in result.scalars():
                yield match

        async def main(flag):
            found = []
            async with factory() as session:
                async for match in each(session):
                    if flag:
                        continue
                    found.append(match)
                    print(match.notes)
            for match in found:
                print(match.notes)
    """,
    "a generator has a session of its own": """
        async def each():
            async with factory() as session:
                for match in await session.scalars(select(Match)):
                    yield match

        async def main(flag):
            found = []
            async for match in each():
                print(match.name)
                found.append(match)
            for match in found:
                print(match.notes)  # detached
    """,
    "a loop over a generator is left early": """
        async def each(session):
            for match in await session.scalars(select(Match)):
                yield match

        async def first(session):
            async for match in each(session):
                return match

        async def main(flag):
            async with factory() as session:
                match = await first(session)
                await session.refresh(match, ["notes"])
                print(match.notes)
    """,
    "values spread into a helper": """
        async def create(session, *, name, match_id=None):
            note = Note(name=name, match_id=match_id)
            session.add(note)
            await session.commit()
            await session.refresh(note)
            return note

        async def main(flag):
            async with factory() as session:
                note = await create(session, **NoteOut(id=1, name="x").model_dump(exclude={"id"}))
                print(note.name, note.match)
                tag = await tagged(session, **Priced(name="x", shop_id=1).model_dump())
                print(tag.shop)  # new
    """,
    "a foreign key among several": """
        async def main(flag):
            async with factory() as session:
                tag = Tag(name="x", shop_id=1)
                session.add(tag)
                await session.flush()
                print(tag.gift)
                print(tag.shop)  # new
    """,
    "a validator reads": """
        async def main(flag):
            async with factory() as session:
                tag = await session.get_one(Tag, 1)
                tag.name = "cheap"  # relationship
    """,
    "a validator reads what is loaded": """
        async def main(flag):
            async with factory() as session:
                tag = await session.get_one(Tag, 1, options=[joinedload(Tag.shop)])
                tag.name = "cheap"
                Tag(name="new")
    """,
    "items are compared": """
        async def main(flag):
            async with factory() as session:
                tags = (await session.scalars(select(Tag))).all()
                print(sorted(tags, key=lambda tag: tag.id))
                print([*tags, *tags][0] < tags[0])  # relationship
    """,
    "what a dataclass is only passed": """
        @dataclass
        class View:
            match: InitVar[Match]
            name: str = ""
            notes: int = 0

            def __post_init__(self, match):
                self.name = match.name
                self.notes = len(match.notes)

        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                print(View(match))  # relationship
    """,
    "names that the mapper lists": """
        def shown(row, relations=False):
            found = {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}
            if relations:
                for relation in inspect(row).mapper.relationships:
                    found[relation.key] = getattr(row, relation.key)
            return found

        async def main(flag):
            async with factory() as session:
                shelf = await session.get_one(Shelf, 1, options=[selectinload(Shelf.label)])
                print(shown(shelf, relations=True))
                match = await session.get_one(Match, 1, options=[selectinload(Match.team)])
                print(shown(match))
                print(shown(match, relations=True))  # relationship
    """,
    "names that the mapper lists, of what is loaded": """
        def shown(row):
            found = {}
            for attribute in inspect(row).mapper.attrs:
                if attribute.key in inspect(row).unloaded:
                    continue
                found[attribute.key] = getattr(row, attribute.key)
            for relation in inspect(row).mapper.relationships:
                if relation.key in inspect(row).unloaded:
                    continue
                found[relation.key] = getattr(row, relation.key)
            return found

        async def main(flag):
            async with factory() as session:
                print(shown(await session.get_one(Match, 1)))
    """,
    "names that a class of its own lists": """
        async def main(flag):
            async with factory() as session:
                tag = await session.get_one(Tag, 1, options=[joinedload(Tag.shop)])
                print(repr(tag))
            async with factory() as session:
                stamp = await session.get_one(Stamp, 1)
                print(repr(stamp))  # relationship
    """,
}
