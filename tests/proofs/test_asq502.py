from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.proofs.driving import REQUEST
from tests.proofs.programs import SERIES, example, use_instead
from tests.sqlalchemy_versions import run

TABLES = """
import asyncio
from sqlalchemy import insert

async def fill():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Author), [{"id": 1}])
        await connection.execute(insert(Book), [{"id": 1, "author_id": 1}])
    await engine.dispose()

asyncio.run(fill())
"""
EXTRACTING = {
    "2.0": "Error extracting attribute: MissingGreenlet: greenlet_spawn has not been called",
    "2.1": "Error extracting attribute: StatementError: (sqlalchemy.exc.MissingGreenlet) greenlet_spawn has not been",
}


@pytest.mark.parametrize("series", SERIES)
def test_a_response_model_cannot_read_what_is_not_loaded(series: str, tmp_path: Path) -> None:
    bad = example("ASQ502", series, tmp_path, TABLES + REQUEST)
    assert bad.returncode
    assert "fastapi.exceptions.ResponseValidationError" in bad.stderr
    assert "'loc': ('response', 0, 'books')" in bad.stderr
    assert EXTRACTING[series] in bad.stderr
    (tmp_path / "app.db").unlink()
    good = use_instead("ASQ502", series, tmp_path, TABLES + REQUEST)
    assert (good.stdout, good.stderr) == ('200 [{"id":1,"books":[{"id":1}]}]\n', "")


SHAPES = """
import asyncio
import json
from typing import Annotated, Generic, List, Optional, TypeVar, Union

import httpx
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import ForeignKey, insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, defer, joinedload, mapped_column, relationship, selectinload

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    books: Mapped[list["Book"]] = relationship(back_populates="author")

class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped["Author"] = relationship(back_populates="books")

T = TypeVar("T")

class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str

class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int

class Full(AuthorOut):
    books: list[BookOut] = []

class BookFull(BookOut):
    author: Optional[AuthorOut] = None

class Page(BaseModel, Generic[T]):
    items: list[T]

engine = create_async_engine("sqlite+aiosqlite:///shapes.db")
keeping = async_sessionmaker(engine, expire_on_commit=False)
expiring = async_sessionmaker(engine)
app = FastAPI()

@app.get("/excluded", response_model=Full, response_model_exclude={"books"})
async def excluded():
    async with keeping() as session:
        return await session.get(Author, 1)

@app.get("/unset", response_model=Full, response_model_exclude_unset=True)
async def unset():
    async with keeping() as session:
        return await session.get(Author, 1)

@app.get("/annotation")
async def annotation() -> Union[Full, None]:
    async with keeping() as session:
        return await session.get(Author, 1)

@app.get("/dictionary", response_model=Page[Full])
async def dictionary():
    async with keeping() as session:
        return {"items": (await session.scalars(select(Author))).all()}

async def added() -> List[BookFull]:
    async with keeping() as session:
        return (await session.scalars(select(Book))).all()

app.add_api_route("/added", added)

@app.get("/expired", response_model=AuthorOut)
async def expired():
    async with expiring() as session:
        author = Author(name="new")
        session.add(author)
        await session.commit()
        return author

@app.get("/validate")
async def validate():
    async with keeping() as session:
        return JSONResponse(Full.model_validate(await session.get(Author, 1)).model_dump())

@app.get("/adapter")
async def adapter():
    async with keeping() as session:
        authors = (await session.scalars(select(Author))).all()
        return JSONResponse(len(TypeAdapter(list[Full]).validate_python(authors)))

@app.get("/constructor")
async def constructor():
    async with keeping() as session:
        return Page[Full](items=(await session.scalars(select(Author))).all())

@app.get("/fine", response_model=AuthorOut)
async def fine():
    async with keeping() as session:
        return await session.get(Author, 1)

@app.get("/fine-none", response_model=None)
async def fine_none() -> Full:
    async with keeping() as session:
        return await session.get(Author, 1)

@app.get("/fine-union")
async def fine_union() -> Full | AuthorOut:
    async with keeping() as session:
        return await session.get(Author, 1)

@app.get("/fine-encoder")
async def fine_encoder():
    async with keeping() as session:
        return JSONResponse(jsonable_encoder(await session.get(Author, 1)))

@app.get("/fine-loaded", response_model=Page[Full])
async def fine_loaded():
    async with keeping() as session:
        return {"items": (await session.scalars(select(Author).options(selectinload(Author.books)))).all()}

async def main():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Author), [{"id": 1, "name": "Ada"}])
        await connection.execute(insert(Book), [{"id": 1, "author_id": 1}])
    found = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        for route in SHAPES:
            try:
                found[route] = str((await client.get("/" + route)).status_code)
            except Exception as error:
                found[route] = f"{type(error).__name__}: {error}"
    await engine.dispose()
    print(json.dumps(found))

"""
RESPONSES = ("excluded", "unset", "annotation", "dictionary", "added", "expired")
SCHEMAS = ("validate", "adapter", "constructor")
FINE = ("fine", "fine-none", "fine-union", "fine-encoder", "fine-loaded")


@pytest.mark.parametrize("series", SERIES)
def test_shapes(series: str, tmp_path: Path) -> None:
    names = (*RESPONSES, *SCHEMAS, *FINE)
    done = run(series, f"{SHAPES}\nSHAPES = {names!r}\nasyncio.run(main())", cwd=tmp_path)
    found = json.loads(done.stdout)
    for name in RESPONSES:
        assert found[name].startswith("ResponseValidationError"), name
    for name in SCHEMAS:
        assert found[name].startswith("ValidationError"), name
    for name in (*RESPONSES, *SCHEMAS):
        assert "Error extracting attribute: DetachedInstanceError" in found[name] or EXTRACTING[series] in found[name]
    assert {found[name] for name in FINE} == {"200"}
