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
    "a generator expression that is kept": """
        def early(matches):
            return (match.name for match in matches if match.id)

        async def main(flag):
            async with expiring() as session:
                matches = (await session.scalars(select(Match))).all()
                names = (match.name for match in matches)
                print(", ".join(names))
                await session.commit()
                print([*names])
            async with expiring() as session:
                matches = (await session.scalars(select(Match))).all()
                names = (match.name for match in matches)  # expired
                await session.commit()
                print(sorted(names))
    """,
    "a generator expression that a function returns": """
        def names(matches):
            return (match.name for match in matches)

        async def main(flag):
            async with expiring() as session:
                matches = (await session.scalars(select(Match))).all()
                found = names(matches)
                print(max(names(matches)))
                await session.commit()
                for name in found:  # expired
                    print(name)
    """,
    "objects out of a generator expression are added": """
        async def main(flag):
            async with expiring() as session:
                made = (Match(name=name) for name in "ab")
                session.add_all(made)
                await session.commit()
                found = (await session.scalars(select(Match))).all()
                print(len(found))
    """,
    "listeners add options to queries": """
        class Eager(Session):
            pass

        @event.listens_for(Eager, "do_orm_execute")
        def eager(state):
            if state.is_select and not state.is_column_load and not state.is_relationship_load:
                state.statement = state.statement.options(selectinload(Match.notes))

        async def main(flag):
            async with factory(sync_session_class=Eager) as session:
                match = await session.get_one(Match, 1)
                print(match.notes)
                for match in await session.scalars(select(Match)):
                    print(match.notes)
    """,
    "listeners add criteria to queries": """
        class Narrow(Session):
            pass

        @event.listens_for(Narrow, "do_orm_execute")
        def narrow(state):
            state.statement = state.statement.options(with_loader_criteria(Match, Match.id > 0))

        async def main(flag):
            async with factory(sync_session_class=Narrow) as session:
                match = await session.get_one(Match, 1)
                print(match.notes)  # relationship
    """,
    "a class of the project behind the session": """
        class Keeping(Session):
            def __init__(self, *given, **options):
                super().__init__(*given, **{**options, "expire_on_commit": False})

        async def main(flag):
            async with expiring(sync_session_class=Keeping) as session:
                match = Match(name="new")
                session.add(match)
                await session.commit()
                print(match.name)
            async with expiring() as session:
                match = await session.get_one(Match, 1)
                await session.commit()
                print(match.name)  # expired
    """,
    "what is next to an object that came by itself is another one": """
        def tree(branch):
            return {branch.name: [tree(child) for child in branch.children]}

        async def plant():
            async with factory() as session:
                session.add(Branch(id=900, name="root", children=[Branch(id=901, name="leaf")]))
                await session.commit()

        async def main(flag):
            await plant()
            async with factory() as session:
                root = await session.get_one(Branch, 900, options=[selectinload(Branch.children)])
                print([child.parent for child in root.children])
                print(tree(root))  # relationship
            async with factory() as session:
                root = await session.get_one(Branch, 900, options=[selectinload(Branch.children, recursion_depth=-1)])
                print(tree(root))
            async with factory() as session:
                root = await session.get_one(Branch, 900, options=[selectinload(Branch.children, recursion_depth=1)])
                leaves = [child.children for child in root.children]
                print([leaf.children for below in leaves for leaf in below], leaves)
            async with factory() as session:
                branches = (await session.scalars(select(Branch).options(selectinload(Branch.children)))).all()
                print([[child.children for child in branch.children] for branch in branches])
    """,
    "coroutines out of a comprehension that are gathered": """
        async def named(match):
            return match.name, match.notes

        async def fetched(key):
            async with factory() as session:
                return await session.get(Match, key)

        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                print(await asyncio.gather(*[named(match) for match in matches]))
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                print(await asyncio.gather(*(named(match) for match in matches)))  # relationship
            for found in await asyncio.gather(*[fetched(key) for key in (1, 2)]):
                if found is not None:
                    print(found.notes)  # detached
    """,
    "functions that partial() gives arguments": """
        def shown(prefix, match, *, suffix=""):
            return prefix + ", ".join(note.name for note in match.notes) + suffix

        async def found(session, model, *options):
            return (await session.scalars(select(model).options(*options))).all()

        async def main(flag):
            async with factory() as session:
                query = partial(found, session, Match)
                loaded = await query(selectinload(Match.notes))
                print(list(map(partial(shown, "- "), loaded)), partial(shown, "- ", suffix=".")(loaded[0]))
            async with factory() as session:
                query = partial(found, session, Match)
                matches = await query()
                key = partial(shown, "- ", suffix=".")
                print(sorted(matches, key=key))  # relationship
            async with factory() as session:
                match = await session.get_one(Match, 1)
                later = partial(shown, "- ", match)
                await session.refresh(match, ["notes"])
                print(later())
    """,
}
