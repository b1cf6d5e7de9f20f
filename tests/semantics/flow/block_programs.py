"""Blocks that end: savepoints, deletions, units of work of the project's own; marked lines raise when they run."""

from __future__ import annotations

UNIT_OF_WORK = """
        class UnitOfWork:
            def __init__(self, maker=factory):
                self.maker = maker

            async def __aenter__(self):
                self.session = self.maker()
                self.matches = Passed(Match, self.session)
                return self

            async def __aexit__(self, kind, error, traceback):
                if kind is None:
                    await self.session.commit()
                else:
                    await self.session.rollback()
                await self.session.close()
"""

PROGRAMS = {
    "what changed since a savepoint is expired when that is rolled back": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                other = await session.get_one(Match, 2)
                savepoint = await session.begin_nested()
                match.name = "x"
                await session.flush()
                await savepoint.rollback()
                print(other.name)
                print(match.name)  # expired
    """,
    "what changed since and was not flushed": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                async with session.begin_nested() as savepoint:
                    match.name = "x"
                    await savepoint.rollback()
                print(match.name)  # expired
    """,
    "what changed before a savepoint": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                match.name = "x"
                savepoint = await session.begin_nested()
                note = await session.get_one(Note, 1)
                note.name = "y"
                await savepoint.commit()
                later = await session.begin_nested()
                await later.rollback()
                print(match.name, note.name)
    """,
    "what is deleted keeps what was loaded": """
        async def main(flag):
            async with expiring() as session:
                match = await session.get_one(Match, 1)
                await session.delete(match)
                await session.commit()
                print(match.name, len(match.notes))
                print(match.team)  # detached
    """,
    "what is deleted where a commit expires nothing": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                await session.delete(match)
                await session.commit()
                print(match.name, len(match.notes))
                print(match.team)  # relationship
    """,
    "what is deleted finds what its session holds": """
        async def main(flag):
            async with expiring() as session:
                team = await session.get_one(Team, 1)
                match = await session.get_one(Match, 1)
                await session.delete(match)
                await session.commit()
                print(match.team)
    """,
    "a unit of work that commits": UNIT_OF_WORK
    + """
        async def main(flag):
            async with expiring() as other:
                note = await other.get_one(Note, 1)
            async with UnitOfWork(expiring) as work:
                match = await work.matches.by_id(1)
                match.name = note.name
            print(match.name)  # detached
    """,
    "a unit of work that keeps what is loaded": UNIT_OF_WORK
    + """
        async def main(flag):
            async with UnitOfWork(factory) as work:
                match = await work.matches.by_id(1)
                match.name = "x"
            print(match.name)
            print(match.notes)  # detached
    """,
    "a unit of work whose factory is its default": UNIT_OF_WORK
    + """
        async def main(flag):
            async with expiring() as other:
                note = await other.get_one(Note, 1)
            async with UnitOfWork() as work:
                match = await work.matches.by_id(1)
            print(note.name)
            print(match.name)  # detached
    """,
    "a block of a unit of work that is left by an exception": UNIT_OF_WORK
    + """
        async def main(flag):
            match = None
            try:
                async with UnitOfWork() as work:
                    match = await work.matches.by_id(1)
                    raise ValueError
            except ValueError:
                pass
            print(match)
    """,
    "options under members of an enumeration": """
        import enum

        class View(enum.Enum):
            LIST = "list"
            DETAIL = "detail"

        TEAM = joinedload(Match.team)
        LOADED = {View.LIST: (TEAM,), View.DETAIL: (TEAM, selectinload(Match.notes))}

        async def find(session, view: View):
            return (await session.scalars(select(Match).options(*LOADED[view]).where(Match.id == 1))).one()

        async def main(flag):
            async with factory() as session:
                match = await find(session, View.LIST)
                print(match.team)
                print(match.notes)  # relationship
            async with factory() as session:
                match = await find(session, View.DETAIL)
                print(match.notes)
    """,
    "wait_for() awaits what it is given": """
        async def find(session):
            return await session.get_one(Match, 1)

        async def main(flag):
            async with factory() as session:
                match = await asyncio.wait_for(find(session), 5)
                print(match.name)
                print(match.notes)  # relationship
    """,
}


def _by_view(base: str, test: str, full: str = "", values: tuple[object, object] = ("list", "full")) -> str:
    return f"""
        import enum

        class View({base}):
            LIST = {values[0]!r}
            FULL = {values[1]!r}

        async def find(session, view: View):
            query = select(Match).where(Match.id == 1)
            if {test}:
                query = query.options(selectinload(Match.notes))
            return (await session.scalars(query)).one()

        async def main(flag):
            async with factory() as session:
                match = await find(session, View.FULL)
                print(match.notes){full}
            async with factory() as session:
                match = await find(session, View.LIST)
                print(match.notes)  # relationship
    """


PROGRAMS |= {
    "options for a member of an enumeration": _by_view("enum.Enum", "view is View.FULL"),
    "options for all but a member": _by_view("enum.Enum", "view != View.LIST"),
    "options for some members": _by_view("enum.Enum", "view in (View.FULL,)"),
    "options for the value of a member": _by_view("enum.Enum", 'view.value == "full"'),
    "a member is not its value": _by_view("enum.Enum", 'view == "full"', full="  # relationship"),
    "a member that is its value": _by_view("str, enum.Enum", 'view == "full"'),
    "a member of an IntEnum": _by_view("enum.IntEnum", "view is View.FULL", values=(1, 2)),
}
