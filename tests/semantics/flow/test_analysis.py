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
from tests.semantics.flow.session_programs import IN_SESSION

MODULES = {
    "a fixture of a class of tests": """
        import pytest

        class TestAuthors:
            @pytest.fixture
            async def author(self):
                async with keeping() as session:
                    yield (await session.scalars(select(Author).limit(1))).one()

            @pytest.fixture
            async def with_books(self, author):
                async with keeping() as session:
                    return await session.get_one(Author, 1, options=[selectinload(Author.books)])

            async def test_books(self, author):
                assert not author.books  # relationship

            async def test_loaded(self, with_books):
                assert not with_books.books
    """,
    "what a context manager gave, after its block": """
        @asynccontextmanager
        async def editing(number):
            async with factory() as session:
                author = await session.get_one(Author, number)
                yield author
                await session.commit()

        async def main():
            async with editing(1) as author:
                author.name = "new"
            return author.name  # detached
    """,
    "a decorator that tries again": """
        from tenacity import retry, stop_after_attempt

        @retry(stop=stop_after_attempt(3))
        async def load():
            async with keeping() as session:
                return await session.get_one(Author, 1)

        async def main():
            author = await load()
            author.books  # detached
    """,
    "settings that say whether a commit expires objects": """
        @dataclass
        class Settings:
            expire: bool = False

        class Other:
            def __init__(self, settings: Settings) -> None:
                self.make = async_sessionmaker(engine, expire_on_commit=settings.expire)

            async def rename(self):
                async with self.make() as session:
                    author = await session.get_one(Author, 1)
                    await session.commit()
                    return author.name

        by_default = async_sessionmaker(engine, expire_on_commit=Settings().expire)
        as_given = async_sessionmaker(engine, expire_on_commit=Settings(expire=True).expire)

        async def first():
            async with by_default() as session:
                author = await session.get_one(Author, 1)
                await session.commit()
                return author.name

        async def second():
            async with as_given() as session:
                author = await session.get_one(Author, 1)
                await session.commit()
                return author.name  # expired
    """,
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
