"""Programs that merge objects into a session; marked lines raise when they run."""

from __future__ import annotations

MERGED = {
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
    "a collection that was not loaded before merge() either": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
            async with factory() as session:
                merged = await session.merge(match)
                print(merged.name, merged.team_id)
                print(merged.notes)  # relationship
    """,
    "merge() of what is loaded, or with options": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
            async with factory() as session:
                merged = await session.merge(match)
                await session.commit()
                print(merged.notes)
            async with factory() as session:
                merged = await session.merge(Match(id=1, name="new"), options=[selectinload(Match.notes)])
                await session.commit()
                print(merged.notes)
    """,
    "merge() of a new object": """
        async def main(flag):
            async with expiring() as session:
                merged = await session.merge(Match(id=1, name="new"))
                await session.flush()
                print(merged.name)
                print(merged.notes)  # relationship
                await session.commit()
                print(merged.name)  # expired
    """,
    "merge() of an object that the constructor gives notes": """
        async def main(flag):
            async with factory() as session:
                merged = await session.merge(Match(name="new", notes=[Note(name="one")]))
                print(merged.notes)
                await session.commit()
                print(merged.notes, merged.name)
    """,
    "merge() of an object before the flush": """
        async def main(flag):
            async with factory() as session:
                merged = await session.merge(Match(name="new"))
                print(merged.notes, merged.updated)
                await session.commit()
                print(merged.name, merged.updated)
    """,
}
