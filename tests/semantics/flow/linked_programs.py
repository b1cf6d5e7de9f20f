"""Programs that set relationships, or load again what they hold; marked lines raise when they run."""

from __future__ import annotations

LINKED = {
    "what add() brings along from another session": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 1)
            async with factory() as session:
                match = Match(name="new", team=team)
                session.add(match)
                await session.flush()
                await session.refresh(match)
                print(match.team.name)
    """,
    "no foreign key leads nowhere": """
        async def main(flag):
            async with factory() as session:
                note = Note(name="new")
                session.add(note)
                await session.flush()
                session.expire(note, ["match"])
                match = note.match
                print(match.notes if match else 0)
    """,
    "no foreign key leads nowhere, and stays loaded without a session": """
        async def main(flag):
            async with factory() as session:
                note = Note(name="new")
                session.add(note)
                await session.commit()
                print(await note.awaitable_attrs.match)
            print(note.match)
    """,
    "set to an object that is in no session": """
        async def main(flag):
            async with factory() as session:
                items = (await session.scalars(select(Item))).all()
                for item in items:
                    item.shelf = Shelf(items=[item])
                again = await session.scalar(select(Item))
                print(again.shelf.label)
    """,
    "the other side of an object that may be this one": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                other = (await session.scalars(select(Match).where(Match.name != ""))).first()
                session.add(Team(name="new", matches=[match]))
            print(other.team.name)
    """,
    "a refresh loads with the options of the query behind whose objects it may be": """
        async def main(flag):
            async with factory() as session:
                nested = selectinload(Match.team).joinedload(Team.matches).joinedload(Match.notes)
                matches = (await session.scalars(select(Match).options(nested))).unique().all()
                team = await session.get_one(Team, 1)
                session.expire_all()
                await session.refresh(team)
            print(matches[0].name)
    """,
    "the other side of what was set may be None of others since": """
        async def main(flag):
            async with factory() as session:
                team = await session.get_one(Team, 2, options=[selectinload(Team.matches)])
                team.matches = []
                await session.commit()
            async with factory() as session:
                match = (await session.scalars(select(Match).where(Match.id == 2))).one()
                print(match.team)
    """,
    "the other side of what was deleted may be None": """
        async def main(flag):
            async with factory() as session:
                await session.delete(await session.get_one(Match, 1))
                await session.commit()
            async with factory() as session:
                note = (await session.scalars(select(Note).where(Note.id == 1))).one()
                print(note.match)
    """,
    "a refresh needs the foreign key that an option leaves out, and gets all": """
        async def main(flag):
            async with factory() as session:
                matching = select(Match).where(Match.id == 1).options(selectinload(Match.team), defer(Match.team_id))
                match = (await session.scalars(matching.options(defer(Match.name)))).one()
                await session.refresh(match)
                print(match.name)
    """,
    "what a rollback makes transient again, though it was expunged": """
        async def main(flag):
            async with factory() as session:
                match = Match(name="new")
                session.add(match)
                await session.flush()
                session.expunge(match)
                await session.rollback()
                print(match.notes)
    """,
    "the one of all that came before, behind another": """
        async def main(flag):
            async with factory() as session:
                matching = selectinload(Note.match).selectinload(Match.notes)
                note = (await session.scalars(select(Note).where(Note.id == 1).options(matching))).one()
                matches = (await session.scalars(select(Match).options(raiseload(Match.notes)))).all()
                match = await session.get_one(Match, 1)
                print(note.name, len(matches), match.notes)
    """,
    "one of all that loads more by itself": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).order_by(Match.id))).all()
                match = matches[0]
                await session.refresh(match, ["notes"])
                again = await session.get_one(Match, 1)
                print(again.notes)
    """,
    "a refresh applies no wildcard, nor behind relationships": """
        async def main(flag):
            async with factory() as session:
                label = await session.get_one(Label, 1, options=[raiseload("*"), subqueryload(Label.stickers)])
                await session.refresh(label)
                print(label.stickers[0].shelf.id)
    """,
    "a flush reads what it gives a key": """
        async def main(flag):
            async with factory() as session:
                label = await session.get_one(Label, 1)
                shelf = await session.get_one(Shelf, 2, options=[selectinload(Shelf.label)])
                session.expire(label)
                shelf.label = label
                await session.commit()
            print(label.shelf_id)
    """,
    "what was linked and then expired comes back with its options": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
                notes = (await session.scalars(select(Note).where(Note.match_id == 1))).all()
                match.notes.append(Note(name="new"))
                session.expire_all()
                await session.flush()
                print([note.name for note in notes])
    """,
    "what is behind itself, queried again by its key": """
        async def main(flag):
            async with factory() as session:
                label = await session.get_one(Label, 1)
                back = selectinload(Label.stickers).selectinload(Sticker.label).selectinload(Label.items)
                again = (await session.scalars(select(Label).where(Label.id == 1).options(back))).one()
            print(label.items, again.stickers)
    """,
    "one of all that is loaded anew": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match).order_by(Match.id))).all()
                await session.get(Match, 1, options=[joinedload(Match.notes)], populate_existing=True)
                match = await session.get_one(Match, 1)
                print(match.notes, len(matches))
    """,
    "a new object without a foreign key": """
        async def main(flag):
            async with factory() as session:
                matches = (await session.scalars(select(Match))).all()
                note, other = Note(name="new"), Note(name="other")
                session.add_all([note, other])
                await session.commit()
                await session.refresh(note)
                await session.refresh(other)
                led = await note.awaitable_attrs.match
                print(str(led and led.notes), str(other.match and other.match.notes), len(matches))
    """,
    "the other side of a collection that was emptied": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
                match.notes = []
                note = await session.get_one(Note, 1)
            print(note.match)
    """,
    "a load one by one finds its parent": """
        async def main(flag):
            async with factory() as session:
                query = select(Shelf).where(Shelf.id == 1).options(raiseload("*"), immediateload(Shelf.items))
                shelf = (await session.scalars(query)).one()
                print([item.shelf for item in shelf.items])
    """,
    "a query that may have inserted what it gives": """
        async def work(session: AsyncSession):
            match = Match(name="new")
            session.add(match)
            (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
            await session.commit()
            print(match.notes)

        async def main(flag):
            async with factory() as session:
                await work(session)
    """,
    "new objects that left the session before a rollback": """
        async def main(flag):
            async with factory() as session:
                match = Match(name="new")
                session.add(match)
                await session.flush()
                await session.refresh(match)
                session.expunge(match)
                await session.rollback()
            print(match.notes)
    """,
    "options that a query that populates anew has dropped": """
        async def main(flag):
            from sqlalchemy.orm import lazyload
            async with factory() as session:
                book = await session.get_one(Book, 1, options=[lazyload(Book.leaves)])
                covers = select(Cover).where(Cover.book_id == 1).options(selectinload(Cover.book))
                (await session.scalars(covers.execution_options(populate_existing=True))).all()
                await session.refresh(book)
            print(book.leaves)
    """,
    "one of a subclass that was expired and queried again": """
        async def main(flag):
            async with factory() as session:
                letters = (await session.scalars(select(Mail))).all()
                session.expire_all()
                special = (await session.scalars(select(SpecialMail))).all()
                for letter in letters:
                    if isinstance(letter, SpecialMail):
                        print(letter.extra, len(special))
    """,
    "a new object without a foreign key that is populated anew": """
        async def main(flag):
            async with factory() as session:
                note = Note(name="new")
                session.add(note)
                await session.commit()
                (await session.scalars(select(Note).execution_options(populate_existing=True))).all()
                print(note.match)
    """,
    "one of a subclass that the session held": """
        async def main(flag):
            async with factory() as session:
                special = (await session.scalars(select(SpecialMail))).all()
                mails = (await session.scalars(select(Mail))).all()
            for mail in mails:
                if isinstance(mail, SpecialMail):
                    print(mail.extra, len(special))
    """,
    "a flush with eager defaults loads what it looks at": """
        async def main(flag):
            async with factory() as session:
                only = load_only(Post.title, raiseload=True)
                post = await session.get_one(Post, 1, options=[only, selectinload(Post.replies)])
                post.replies.append(Reply(text="new"))
                await session.flush()
            print(post.created)
    """,
    "expired, and read again with the options of another query": """
        async def main(flag):
            async with factory() as session:
                query = select(Team).where(Team.id == 1).options(selectinload(Team.matches).selectinload(Match.notes))
                team = (await session.scalars(query)).one()
                match = (await session.scalars(select(Match).where(Match.team_id == 1))).first()
                session.expire(match)
                print(await match.awaitable_attrs.name)
                print(match.notes, team.name)
    """,
    "an expired object that get() loads again with its options": """
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1, options=[selectinload(Match.notes)])
                notes = (await session.scalars(select(Note).where(Note.match_id == 1))).all()
                session.expire_all()
                again = await session.get_one(Match, 1)
                print([note.name for note in notes], again.name, match.name)
    """,
    "a refresh of a new object brings in what it leads to": """
        async def main(flag):
            async with factory() as session:
                shelf = await session.get_one(Shelf, 1)
                sticker = Sticker(shelf=shelf, label_id=1)
                session.add(sticker)
                await session.flush()
                session.expire_all()
                await session.refresh(sticker)
                print([item.id for item in shelf.items])
    """,
    "what a refresh leads to comes with the options that it came with": """
        async def main(flag):
            async with factory() as session:
                note = await session.get_one(Note, 1)
                matches = (await session.scalars(select(Match).options(selectinload(Match.notes)))).all()
                session.expire_all()
                await session.refresh(note, ["match"])
            print(note.match.notes, len(matches))
    """,
}
