"""What else users write: texts, loggers, matches, generic repositories; marked lines raise when they run."""

from __future__ import annotations

PROGRAMS = {
    "%s in a text": """
        async def main(flag):
            async with factory() as session:
                loud = await session.get_one(Loud, 1)
                print("%d" % loud.id)
                print("%s" % loud)  # relationship
    """,
    "%r among others": """
        async def main(flag):
            async with factory() as session:
                loud = await session.get_one(Loud, 1)
                print("%%: %d %r" % (loud.id, loud))  # relationship
    """,
    "format()": """
        async def main(flag):
            async with factory() as session:
                loud = await session.get_one(Loud, 1)
                print("{0.id} {1}".format(loud, loud.name))
                print("{} {!r}".format(loud.id, loud))  # relationship
    """,
    "format() with names": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                print("{match.name}".format(match=match))
                print("{match.notes}".format(match=match))  # relationship
    """,
    "a logger keeps nothing": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                logger.info("found %s", match)
                logger.debug("found %s", match, extra={"match": match})
                print(match.notes)  # relationship
    """,
    "attrgetter()": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                print(sorted(matches, key=attrgetter("name"))[0].name)
                print(sorted(matches, key=attrgetter("team.name")))  # relationship
    """,
    "attrgetter() of what is loaded": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).options(joinedload(Match.team)))).all()
                print(sorted(matches, key=attrgetter("team.name", "id")))
    """,
    "groupby()": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                print({name: len(list(some)) for name, some in groupby(matches, key=lambda match: match.name)})
                print([key for key, some in groupby(matches, lambda match: match.team.name)])  # relationship
    """,
    "asdict()": """
        async def main(flag):
            async with factory() as session:
                shop = await session.get_one(Shop, 1)
                print(asdict(shop))  # relationship
    """,
    "asdict() of what is loaded": """
        async def main(flag):
            async with factory() as session:
                shop = await session.get_one(Shop, 1, options=[selectinload(Shop.prices)])
                print(asdict(shop))
    """,
    "who asks vars() knows what is loaded": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                if "notes" in vars(match):
                    print(match.notes)
    """,
    "all refer to more than the single one that is held": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
                matches = (await session.scalars(select(Match))).all()
                print(team.name, matches[0].name)
                print([match.team is team for match in matches])  # relationship
    """,
    "a helper that reads the columns by name": """
        def to_dict(row):
            return {column.name: getattr(row, column.name) for column in row.__table__.columns}
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                print(to_dict(match), match.notes)  # relationship
    """,
    "match by a value": """
        async def main(flag):
            async with factory() as session:
                match_ = await session.get_one(Match, 1)
                match match_.name:
                    case "":
                        print(match_.id)
                    case _:
                        print(match_.notes)  # relationship
    """,
    "match by a class": """
        async def main(flag):
            async with factory() as session:
                row = await session.get(Match, 1)
                match row:
                    case None:
                        print("none")
                    case Match(name="") as found:
                        print(found.name)
                    case Match(id=key) as found:
                        print(key, len(found.notes))  # relationship
    """,
    "match of what is loaded": """
        async def main(flag):
            async with factory() as session:
                match await session.get(Match, 1, options=[selectinload(Match.notes)]):
                    case Match(notes=[]):
                        print("empty")
                    case Match(notes=[first, *_]):
                        print(first.name)
    """,
    "a generic repository": """
        async def main(flag):
            async with factory() as session:
                match = await Matches(session).by_id(1)
                print(match.notes)  # relationship
    """,
    "a generic repository that is given its class": """
        async def main(flag):
            async with factory() as session:
                note = await Notes(session).by_id(1)
                print(note.name)
                match = await Passed(Match, session).by_id(1)
                print(match.notes)  # relationship
    """,
    "objects that may be the same one": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                first = (await session.scalars(select(Match).where(Match.name == match.name))).first()
                await session.refresh(match, ["notes"])
                print(first.notes)
    """,
    "any() is content with the first": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                await session.refresh(await session.get_one(Match, 1), ["notes"])
                print(any(match.notes for match in matches))
    """,
    "any() of what is expired": """
        async def main(flag):
            async with expiring() as session:
                matches = (await session.scalars(select(Match))).all()
                for match in matches:
                    print(match.name)
                await session.commit()
            print(any(match.id for match in matches))  # detached
    """,
    "get() of what is held flushes nothing": """
        async def main(flag):
            async with factory() as session:
                held = await session.get_one(Match, 1)
                match = Match(name="new")
                session.add(match)
                print((await session.get_one(Match, 1)).name, held.name)
            print(match.notes)
    """,
    "the other side that is set already": """
        async def main(flag):
            async with factory() as session:
                note = await session.get_one(Note, 1)
                note.match = Match(name="new", notes=[note])
                await session.refresh(await session.get_one(Team, 1))
                match = note.match
            print(match.name)
    """,
    "refresh() leaves out what the query did": """
        async def main(flag):
            async with factory() as session:
                match = (await session.scalars(select(Match).options(load_only(Match.name)))).first()
                await session.refresh(match)
                print(match.name, match.id)
                print(match.team_id)  # deferred
                await session.refresh(match, ["team_id"])
                print(match.team_id)
    """,
    "refresh() of a collection applies the options behind it": """
        async def main(flag):
            async with factory() as session:
                query = select(Match).options(selectinload(Match.notes).joinedload(Note.match))
                match = (await session.scalars(query)).unique().first()
                session.expire_all()
                await session.refresh(match, ["notes"])
                print(match.name)
    """,
    "a helper that loads more on one of its ways": """
        async def find(session, with_notes: bool):
            query = select(Match).where(Match.id == 1)
            if with_notes:
                query = query.options(selectinload(Match.notes))
            return (await session.execute(query)).scalar_one()

        async def main(flag: bool):
            async with factory() as session:
                match = await find(session, flag)
                if flag:
                    print(match.notes)
            async with factory() as session:
                match = await find(session, with_notes=flag)
                if not flag:
                    await session.refresh(match, ["notes"])
                print(match.notes)
            async with factory() as session:
                match = await find(session, flag)
                print(match.notes)  # relationship
    """,
    "a helper that is given what nobody can see": """
        async def find(session, with_notes):
            query = select(Match).where(Match.id == 1)
            if with_notes:
                query = query.options(selectinload(Match.notes))
            return (await session.execute(query)).scalar_one()

        async def main(flag):
            async with factory() as session:
                asked = str(flag) == "True"
                match = await find(session, asked)
                if not asked:
                    await session.refresh(match, ["notes"])
                print(match.notes)
    """,
    "refresh() of what was set to nothing": """
        async def main(flag):
            async with factory() as session:
                match = Match(name="new", team=None)
                session.add(match)
                await session.commit()
                await session.refresh(match, ["team"])
                print(match.team and match.team.matches)
    """,
    "a named tuple carries objects": """
        class Page(NamedTuple):
            items: list[Match]
            total: int

        async def page():
            async with factory() as session:
                matches = list((await session.scalars(select(Match))).all())
                return Page(matches, len(matches))

        async def main(flag):
            found = await page()
            for match in found.items:
                print(match.team_id, found.total)
                print(match.notes)  # detached
    """,
    "options handed on": """
        async def get_or_raise(session, model, key, *options):
            found = await session.get(model, key, options=options)
            if found is None:
                raise LookupError(key)
            return found

        async def main(flag):
            async with factory() as session:
                note = await get_or_raise(session, Note, 1)
                print(note.match)  # relationship
                match = await get_or_raise(session, Match, 1, selectinload(Match.notes))
                print(match.notes)
    """,
    "a relationship that was set to None may lead nowhere when it is loaded again": """
        class Shown:
            def __init__(self, note):
                self.parts = None if note.match is None else note.match.notes

        async def main(flag):
            async with factory() as session:
                note = await session.get_one(Note, 1)
                await session.refresh(note, ["match"])
                note.match = None
                await session.flush()
                await session.refresh(note, ["match"])
                Shown(note)
    """,
}
