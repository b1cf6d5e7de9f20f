"""Bodies of coroutines with a session; lines that will fail end in the kind of the failure."""

from __future__ import annotations

IN_SESSION = {
    "a relationship after get()": """
        author = await session.get(Author, 1)
        author.books  # relationship
    """,
    "every attribute has its own finding, every read has not": """
        author = await session.get_one(Author, 1)
        author.books  # relationship
        author.books
        author.bio  # deferred
    """,
    "a class pattern reads attributes": """
        match await session.get(Author, 1):
            case Author(books=books):  # relationship
                print(books)
    """,
    "both ways are closed": """
        if flag:
            author = await session.get_one(Author, 1)
        else:
            author = (await session.scalars(select(Author))).one()
        author.books  # relationship
    """,
    "the same condition opens the way": """
        statement = select(Author)
        if flag:
            statement = statement.options(selectinload(Author.books))
        author = (await session.scalars(statement)).one()
        if flag:
            author.books
    """,
    "the condition was rebound between": """
        author = await session.get_one(Author, 1)
        if flag:
            await session.refresh(author, ["books"])
        flag = compute()
        if flag:
            author.books
    """,
    "an early return leaves the plain path": """
        author = await session.get(Author, 1)
        if author is None:
            return
        if not flag:
            return
        author.books  # relationship
    """,
    "one way commits, the read follows the merge": """
        author = await session.get_one(Author, 1)
        if flag:
            author.name = "b"
            await session.commit()
        author.name  # expired
    """,
    "a many-to-one whose target the session holds": """
        author = await session.get_one(Author, 1)
        book = await session.get_one(Book, 1)
        book.author
    """,
    "a many-to-one whose target nobody loaded": """
        book = await session.get_one(Book, 1)
        book.author  # relationship
    """,
    "the primary key after a commit": """
        author = Author(name="a")
        session.add(author)
        await session.commit()
        author.id  # expired
    """,
    "refreshed after the commit": """
        author = Author(name="a")
        session.add(author)
        await session.commit()
        await session.refresh(author)
        author.id
        author.books  # new
    """,
    "a rollback expires": """
        author = await session.get_one(Author, 1)
        await session.rollback()
        author.name  # expired
    """,
    "a rollback after a commit has nothing to undo": """
        author = await session.get_one(Author, 1)
        await session.commit()
        await session.refresh(author)
        await session.commit()
        await session.refresh(author)
        author.name
    """,
    "a rollback in a handler": """
        author = await session.get_one(Author, 1)
        try:
            await session.execute(text("UPDATE authors SET name = NULL"))
        except Exception:
            await session.rollback()
            author.name  # expired
    """,
    "expired in the turn before": """
        for author in (await session.scalars(select(Author))).all():
            author.active  # expired
            await session.commit()
    """,
    "refreshed in every turn": """
        for author in (await session.scalars(select(Author))).all():
            await session.refresh(author)
            author.active
            await session.commit()
    """,
    "onupdate after a flush": """
        author = await session.get_one(Author, 1)
        author.name = "b"
        await session.flush()
        author.updated  # server
    """,
    "an SQL expression after a flush": """
        author = await session.get_one(Author, 1)
        author.name = Author.name + "b"
        await session.flush()
        author.name  # server
    """,
    "append to what is not loaded": """
        author = await session.get_one(Author, 1)
        author.books.append(Book(title="b"))  # change
    """,
    "assign over what is not loaded": """
        author = await session.get_one(Author, 1)
        author.books = []  # change
    """,
    "the other side is set": """
        author = Author(name="a")
        book = Book(title="b", author=author)
        session.add(book)
        await session.flush()
        book.author.name
    """,
    "loaded by the mapping": """
        author = await session.get_one(Author, 1)
        author.tags
    """,
    "a plan of columns": """
        author = (await session.scalars(select(Author).options(load_only(Author.id)))).one()
        author.name  # deferred
    """,
    "somebody unseen has the object": """
        author = await session.get_one(Author, 1)
        await unseen(author)
        author.books
    """,
    "somebody unseen has the session": """
        author = await session.get_one(Author, 1)
        await unseen(session)
        author.books
    """,
    "somebody unseen has neither": """
        author = await session.get_one(Author, 1)
        await unseen()
        author.books  # relationship
    """,
    "filtered in a comprehension": """
        authors = (await session.scalars(select(Author))).all()
        [author.books for author in authors if author.active]  # relationship
    """,
    "a nested function": """
        author = await session.get_one(Author, 1)
        def count():
            return len(author.books)
        count()  # relationship
    """,
    "a list of objects made by hand": """
        authors = [Author(name="a"), Author(name="b")]
        session.add_all(authors)
        await session.commit()
        [author.id for author in authors]  # expired
    """,
    "a dictionary of objects": """
        found = {author.id: author for author in await session.scalars(select(Author))}
        found[1].books  # relationship
    """,
    "a match on the class": """
        author = await session.get_one(Author, 1)
        match flag:
            case True:
                author.books  # relationship
            case _:
                pass
    """,
    "a walrus": """
        if author := await session.get(Author, 1):
            author.books  # relationship
    """,
    "closed by hand": """
        author = await session.get_one(Author, 1)
        await session.close()
        author.name
        author.books  # detached
    """,
    "expunged": """
        author = await session.get_one(Author, 1)
        session.expunge(author)
        author.books  # detached
    """,
    "collected in a loop": """
        authors = []
        for number in (1, 2):
            author = await session.get_one(Author, number)
            authors.append(author)
        [author.books for author in authors]  # relationship
    """,
    "collected in a loop and loaded there": """
        authors = []
        for number in (1, 2):
            author = await session.get_one(Author, number)
            authors.append(author)
            await session.refresh(author, ["books"])
        [author.books for author in authors]
    """,
    "a savepoint expires nothing": """
        author = await session.get_one(Author, 1)
        async with session.begin_nested():
            author.name = "b"
        author.name
    """,
}
