"""Programs with generators, stars, flags and queries in parts, which read where they are used up."""

from __future__ import annotations

PROGRAMS = {
    "a statement that another function has begun": """
        class Pages(Listed):
            def query(self):
                return select(self.model)

            async def page(self, *loaders):
                query = self.query().limit(3).options(*loaders)
                return (await self.session.scalars(query.where(self.model.id > 0).order_by(self.model.id))).all()

        async def main(flag):
            async with factory() as session:
                for match in await Pages(session, Match).page(selectinload(Match.notes)):
                    print(match.notes)
            async with factory() as session:
                for match in await Pages(session, Match).page():
                    print(match.notes)  # relationship
    """,
    "a result that a star unpacks": """
        async def main(flag):
            async with factory() as session:
                matches = [*await session.scalars(select(Match))]
            for match in matches:
                print(match.notes)  # detached
    """,
    "a flag that is on unless a call turns it off": """
        async def find(session, with_notes=True):
            query = select(Match).limit(1)
            if with_notes:
                query = query.options(selectinload(Match.notes))
            match = await session.scalar(query)
            return len(match.notes)

        async def main(flag):
            async with factory() as session:
                print(await find(session))
            async with factory() as session:
                print(await find(session, with_notes=False))  # relationship
    """,
    "a generator that is used up after a commit": """
        def lines(matches):
            for match in matches:
                yield match.name

        async def main(flag):
            async with expiring() as session:
                matches = (await session.scalars(select(Match))).all()
                now, later = list(lines(matches)), lines(matches)
                await session.commit()
                print(now)
                print(", ".join(later))  # expired
    """,
    "a generator that goes through another one": """
        class Export:
            def __init__(self, matches):
                self.matches = matches

            def rows(self):
                yield "name", 0
                for match in self.matches:
                    yield from self.notes(match)

            def notes(self, match):
                for note in match.notes:
                    yield note.name, note.id

        async def main(flag):
            async with factory() as session:
                loaded = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                print(dict(Export(loaded).rows()))
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                print(sum(key for _, key in Export(matches).rows()))  # relationship
    """,
    "a generator that is used up once": """
        def names(matches):
            for match in matches:
                yield match.name

        async def main(flag):
            async with expiring() as session:
                found = names((await session.scalars(select(Match))).all())
                print(sorted(found))
                await session.commit()
                print([*found])
    """,
}
