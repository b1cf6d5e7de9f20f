"""What repositories of Advanced Alchemy query, as far as a module shows it."""

from __future__ import annotations

from pathlib import Path

from flake8_async_sqla.semantics.flow.analysis import failures
from tests.semantics.flow.programs import MODELS
from tests.semantics.flow.test_analysis import check
from tests.semantics.revealing import load

REPOSITORIES = """
from advanced_alchemy.repository import SQLAlchemyAsyncRepository


class Authors(SQLAlchemyAsyncRepository[Author]):
    model_type = Author


class Loading(Authors):
    loader_options = [selectinload(Author.books)]


async def one(number: int):
    async with keeping() as session:
        author = await Authors(session=session).get(number)
        print(author.name)
        return author.books  # relationship


async def several():
    async with keeping() as session:
        authors, count = await Authors(session=session).list_and_count()
    return [author.books for author in authors]  # detached


async def perhaps(name: str):
    async with factory() as session:
        author = await Authors(session=session).get_one_or_none(name=name)
        await session.commit()
        return author.name if author else None  # expired


async def loaded(number: int):
    async with keeping() as session:
        authors = Authors(session=session)
        first = await authors.get(number, load=[selectinload(Author.books)])
        return first.books, [author.books for author in await authors.list(load=Author.books)]


async def loaded_by_the_class(number: int):
    async with keeping() as session:
        author = await Loading(session=session).get(number)
        other = await Authors(session=session, load=[selectinload(Author.books)]).get(number)
        return author.books, other.books


async def by_another_statement(number: int):
    async with keeping() as session:
        statement = select(Author).options(selectinload(Author.books))
        author = await Authors(session=session).get_one(Author.id == number, statement=statement)
        return author.books
"""


def test_what_repositories_load(tmp_path: Path) -> None:
    check(MODELS + REPOSITORIES, tmp_path)


def test_the_cause_names_the_repository(tmp_path: Path) -> None:
    found = failures(load(tmp_path, {"app.py": MODELS + REPOSITORIES}))
    assert [failure.cause.what for failure in found if failure.cause and failure.kind == "relationship"] == [
        "Authors.get()"
    ]
