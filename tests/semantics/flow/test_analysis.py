"""Programs, and the lines of them that will fail: each ends in a comment with the kind of the failure."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.files.project import Project
from flake8_async_sqla.semantics.flow.analysis import failures
from flake8_async_sqla.semantics.settings import Settings
from tests.semantics.flow.programs import MODELS

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
MODULES = {
    "the block of a session ends": """
        async def load():
            async with keeping() as session:
                return await session.get_one(Author, 1)

        async def main():
            author = await load()
            author.name
            author.books  # detached
    """,
    "a function that fails by itself is no finding of its callers": """
        async def first(session: AsyncSession):
            author = await session.get_one(Author, 1)
            return author.books  # relationship

        async def main(session: AsyncSession):
            return await first(session)
    """,
    "a helper that fails for this caller": """
        def titles(author):
            return [book.title for book in author.books]

        async def main(session: AsyncSession):
            return titles(await session.get_one(Author, 1))  # relationship

        async def loaded(session: AsyncSession):
            return titles(await session.get_one(Author, 1, options=[selectinload(Author.books)]))
    """,
    "a repository keeps its session": """
        class Authors:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session

            async def get(self, number):
                return await self.session.get(Author, number)

        async def main():
            async with keeping() as session:
                author = await Authors(session).get(1)
                author.books  # relationship
    """,
    "a block that commits at its end": """
        async def main():
            async with factory() as session, session.begin():
                author = Author(name="a")
                session.add(author)
            author.name  # detached
    """,
    "a factory that begins": """
        async def main():
            async with keeping.begin() as session:
                author = Author(name="a")
                session.add(author)
            author.name
            author.books  # detached
    """,
    "objects from outside are unknown": """
        async def main(session: AsyncSession, author: Author):
            author.books
            await session.refresh(author)
            author.books
    """,
    "a session of unknown origin may keep its objects at a commit": """
        async def main(session: AsyncSession):
            author = await session.get_one(Author, 1)
            await session.commit()
            author.name
            author.books  # relationship
    """,
    "a context manager that closes its session": """
        @asynccontextmanager
        async def scope():
            async with keeping() as session:
                yield session

        async def main():
            async with scope() as session:
                author = await session.get_one(Author, 1)
                author.tags
            author.name
            author.books  # detached
    """,
    "a context manager that commits": """
        @asynccontextmanager
        async def scope(make):
            session = factory()
            try:
                yield session
                await session.commit()
            except Exception:
                await session.rollback()
                raise
            finally:
                await session.close()

        async def main():
            async with scope(1) as session:
                author = await session.get_one(Author, 1)
                author.name
            author.name  # detached
    """,
    "a return inside a context manager": """
        class Database:
            @asynccontextmanager
            async def session(self):
                async with keeping() as session:
                    yield session

            async def load(self):
                async with self.session() as session:
                    return await session.get_one(Author, 1)

            async def main(self):
                author = await self.load()
                author.name
                return author.books  # detached
    """,
    "a context manager that nobody sees into": """
        async def main(manager):
            async with manager() as session:
                author = await session.get_one(Author, 1)
            author.books
    """,
    "a repository of whatever class": """
        class Repository:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session

            async def get(self, number):
                return await self.session.get(self.model, number)

            async def every(self):
                return (await self.session.execute(select(self.model).where(text("1 = 1")))).scalars().all()

        class Authors(Repository):
            model = Author

        async def main():
            async with keeping() as session:
                author = await Authors(session).get(1)
                author.books  # relationship

        async def every():
            async with keeping() as session:
                [author.books for author in await Authors(session).every()]  # relationship
    """,
    "several at once": """
        async def load(session, number):
            return await session.get_one(Author, number)

        async def main():
            async with keeping() as one, keeping() as other:
                first, second = await asyncio.gather(load(one, 1), load(other, 2))
                second.books  # relationship
    """,
    "recursion ends": """
        async def walk(session: AsyncSession, depth):
            author = await session.get_one(Author, 1)
            if depth:
                await walk(session, depth - 1)
            return author.name
    """,
}


def check(source: str, folder: Path) -> None:
    """Compare the failing lines of a program with its comments."""
    project = Project(str(folder), Settings())
    module = project.take(str(folder / "app.py"), ast.parse(source), source, reuse=False)
    found = [(failure.at.lineno, failure.kind) for failure in failures(module)]
    lines = enumerate(source.splitlines(), 1)
    expected = [(number, match[1]) for number, line in lines if (match := re.search(r"  # (\w+)$", line))]
    assert found == expected


@pytest.mark.parametrize("name", IN_SESSION)
def test_a_coroutine_with_a_session(name: str, tmp_path: Path) -> None:
    body = textwrap.indent(textwrap.dedent(IN_SESSION[name]), " " * 8)
    check(f"{MODELS}async def main(flag):\n    async with factory() as session:\n{body}", tmp_path)


@pytest.mark.parametrize("name", MODULES)
def test_a_module(name: str, tmp_path: Path) -> None:
    check(MODELS + textwrap.dedent(MODULES[name]), tmp_path)


def test_deep_nesting_is_no_danger(tmp_path: Path) -> None:
    source = f"{MODELS}async def main(session: AsyncSession):\n    await session.get(Author, {'(' * 80}1{')' * 80})\n"
    deep = "    x = " + "-" * 900 + "1\n    y = x" + ".z" * 900 + "\n"
    check(source + deep, tmp_path)
