"""A small project whose files change, appear and go, each in a way that findings in other files depend on."""

from __future__ import annotations

from pathlib import Path
from random import Random

_ENGINE = """\
from sqlalchemy.ext.asyncio import {extra}async_sessionmaker, create_async_engine
from {config} import URL

engine = create_async_engine(URL)
Session = async_sessionmaker(engine{options})


async def get_session():
    async with Session() as session:
        yield session
"""
_SYNC = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

Session = sessionmaker(create_engine("postgresql://localhost/app"))


def get_session():
    with Session() as session:
        yield session
"""
_MODELS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped["Author"] = relationship({options})
"""
_AUTHOR = """\
from sqlalchemy.orm import Mapped, mapped_column, relationship
from app.models import Base


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    books = relationship("Book", back_populates="author"{options})
"""
_ROUTES = """\
from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from app.{database} import get_session
from app.models import Book

router = APIRouter()


@router.get("/")
async def books(session=Depends({depends})):
    found = await session.scalars(select(Book))
    return [book.author.id for book in found]


@router.post("/")
async def add(session=Depends(get_session)):
    session.add(Book())
    {commit}
"""
_HELPERS = """\
from app.database import Session


async def total(session):
    {body}


async def run():
    async with Session() as session:
        total(session)
        await total(session)
"""
_MAIN = """\
from fastapi import FastAPI
from app.database import Session, get_session
from app.routes import router

app = FastAPI()
app.include_router(router)
{more}
"""
_ENV = """\
from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config


def run_migrations_online():
    connectable = engine_from_config(config.get_section(config.config_ini_section), prefix="sqlalchemy.")
    with connectable.connect() as connection:
        context.configure(connection=connection)


run_migrations_online()
"""
_TEST = """\
import pytest
from app.database import Session


@pytest.fixture
async def session():
    async with Session() as session:
        yield session


async def test_a(session):
    await session.commit()


async def test_b(session):
    await session.commit()
"""
_URL = 'URL = "{}://localhost/app"\n'
_INI = "[alembic]\nscript_location = migrations\nsqlalchemy.url = {}\n"

VERSIONS: dict[str, tuple[str | None, ...]] = {
    "pyproject.toml": ("", "[tool.pytest.ini_options]\nasyncio_mode = 'auto'\n", '[project]\nname = "app"\n'),
    "app/__init__.py": ("", "from app.database import Session\n", None),
    "app/config.py": (_URL.format("postgresql"), _URL.format("postgresql+asyncpg"), _URL.format("sqlite"), None),
    "config.py": (None, _URL.format("mysql+pymysql")),
    "app/database.py": (
        _ENGINE.format(extra="", config="app.config", options=""),
        _ENGINE.format(extra="", config="config", options=", expire_on_commit=False"),
        _SYNC,
        "from app.sessions import *\n",
        None,
    ),
    "app/database/__init__.py": (None, "from app.sessions import Session, get_session\n"),
    "app/sessions.py": (None, _ENGINE.format(extra="", config="app.config", options=""), _SYNC),
    "app/models.py": (_MODELS.format(options=""), _MODELS.format(options='lazy="selectin"'), "Book = object\n", None),
    "app/author.py": (_AUTHOR.format(options=""), _AUTHOR.format(options=', lazy="joined"'), None),
    "app/routes.py": (
        _ROUTES.format(database="database", depends="get_session", commit="await session.commit()"),
        _ROUTES.format(database="database", depends="get_session()", commit="session.commit()"),
        _ROUTES.format(database="sessions", depends="get_session", commit="pass"),
    ),
    "app/helpers.py": (
        _HELPERS.format(body="await session.commit()"),
        _HELPERS.format(body="return session.execute('SELECT 1')"),
        None,
    ),
    "app/main.py": (
        _MAIN.format(more=""),
        _MAIN.format(more="app.dependency_overrides[get_session] = lambda: None"),
        _MAIN.format(more="app.state.session = Session()"),
        None,
    ),
    "migrations/env.py": (None, _ENV, _ENV.replace("sqlalchemy import", "sqlalchemy.ext.asyncio import")),
    "alembic.ini": (None, _INI.format("postgresql+asyncpg://localhost/app"), _INI.format("postgresql://localhost/app")),
    "tests/conftest.py": (None, _TEST.partition("async def test_a")[0], "import pytest\n"),
    "tests/test_app.py": (_TEST, _TEST.replace("pytest.fixture", "pytest_asyncio.fixture"), "def test(): 1 +\n", None),
    "notes.py": ("async def f(): await g()\n", "print(1)\n", None),
}


def start(root: Path) -> None:
    """Write the first version of each file."""
    for name, versions in VERSIONS.items():
        _write(root / name, versions[0])


def edit(root: Path, random: Random) -> str:
    """Give a file another version, and say which."""
    name = random.choice(list(VERSIONS))
    number = random.randrange(len(VERSIONS[name]))
    _write(root / name, VERSIONS[name][number])
    return f"{name} version {number}"


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
