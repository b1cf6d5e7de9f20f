from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.proofs.programs import SERIES, error, example, use_instead
from tests.sqlalchemy_versions import run

DRIVE = """

import asyncio

from sqlalchemy.ext.asyncio import create_async_engine


async def drive():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(Author.__table__.insert(), [{"id": 1, "name": "Ada"}])
        await connection.execute(Book.__table__.insert(), [{"id": 1, "author_id": 1}])
    try:
        async with AsyncSession(engine) as session:
            print(await page(session))
    finally:
        await engine.dispose()


asyncio.run(drive())
"""


@pytest.mark.parametrize("series", SERIES)
def test_a_template_cannot_read_what_is_not_loaded(series: str, tmp_path: Path) -> None:
    assert "greenlet_spawn has not been called" in error(example("ASQ503", series, tmp_path, DRIVE))
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ503", series, tmp_path, DRIVE)
    assert (good.stdout, good.stderr) == ("Ada\n", "")


SHAPES = """
import asyncio
import json
import sys

from jinja2 import DictLoader, Environment, FileSystemLoader
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from starlette.requests import Request
from starlette.templating import Jinja2Templates

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author")

class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped["Author"] = relationship(back_populates="books")

request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
templates = Jinja2Templates(directory="templates")

async def response(author, text):
    templates.TemplateResponse(request, "page.html", {"author": author})

async def named_response(author, text):
    templates.TemplateResponse(name="page.html", context={"author": author}, request=request)

async def rendered(author, text):
    Environment(loader=FileSystemLoader("templates")).get_template("page.html").render({"author": author})

async def asynchronous(author, text):
    await Environment(enable_async=True).from_string(text).render_async(author=author)

SHAPES = [response, named_response, rendered, asynchronous]

async def main(texts):
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(Author.__table__.insert(), [{"id": 1, "name": "Ada"}])
    found = {}
    for text, shape in ((text, shape) for text in texts for shape in SHAPES):
        with open("templates/page.html", "w") as page:
            page.write(text)
        templates.env.cache.clear()
        async with AsyncSession(engine) as session:
            author = await session.get(Author, 1)
            try:
                await shape(author, text)
                found[f"{shape.__name__} {text}"] = ""
            except Exception as error:
                found[f"{shape.__name__} {text}"] = str(error)
    await engine.dispose()
    print(json.dumps(found))

asyncio.run(main(sys.argv[1:]))
"""
READING = (
    "{{ author.books }}",
    "{{ author['books']|length }}",
    "{% for book in author.books %}{% endfor %}",
    "{% if author.books %}{% endif %}",
    "{% set books = author.books %}",
)
NOT_READING = ("{{ author.name }}", "{% if false %}{{ author.books }}{% endif %}", "{# {{ author.books }} #}")


@pytest.mark.parametrize("series", SERIES)
def test_every_way_to_render(series: str, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    done = run(series, SHAPES, *READING, *NOT_READING, cwd=tmp_path)
    found: dict[str, str] = json.loads(done.stdout)
    assert len(found) == 4 * len((*READING, *NOT_READING))
    for name, message in found.items():
        if name.endswith(READING):
            assert "greenlet_spawn has not been called" in message, name
        else:
            assert message == "", name
