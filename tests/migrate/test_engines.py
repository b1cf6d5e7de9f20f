"""Engines, their URLs and arguments, and who is only told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import flipped, migrated, refusal

HEAD = "from sqlalchemy import create_engine\n\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"postgresql://u@h/d?sslmode=require"', '"postgresql+asyncpg://u@h/d?ssl=require"'),
        (
            '"postgresql://u@h/d", connect_args={"sslmode": mode, "connect_timeout": 5}',
            '"postgresql+asyncpg://u@h/d", connect_args={"ssl": mode, "timeout": 5}',
        ),
    ],
)
def test_arguments_in_the_words_of_the_other_driver(tmp_path: Path, old: str, new: str) -> None:
    assert f"create_async_engine({new})" in flipped(
        tmp_path, f'{HEAD}mode = "require"\nengine = create_engine({old})\n'
    )


def test_arguments_of_a_url_that_several_engines_take(tmp_path: Path) -> None:
    code = """\
from sqlalchemy import URL, create_engine


def url():
    return URL.create("postgresql", host="h", query={"sslmode": "prefer"})


one = create_engine(url())
two = create_engine(url())
"""
    new = flipped(tmp_path, code)
    assert '    return URL.create("postgresql+asyncpg", host="h", query={"ssl": "prefer"})\n' in new


def test_argument_that_the_driver_has_nothing_like(tmp_path: Path) -> None:
    code = f'{HEAD}engine = create_engine("postgresql://u@h/d", connect_args={{"options": "-c x=1"}})\n'
    assert refusal(tmp_path, code) == "asyncpg has no argument 'options'"


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("import logging\n\nlogger = logging.getLogger(__name__)\n", "logger.info('%s', engine)"),
        ("import logging\n", "logging.debug(engine)"),
        ("from loguru import logger\n", "logger.success(engine)"),
        ("import structlog\n\nlog = structlog.get_logger()\n", "log.info('x', engine=engine)"),
    ],
)
def test_messages_about_engines(tmp_path: Path, imports: str, call: str) -> None:
    code = f'{imports}{HEAD}engine = create_engine("sqlite://")\n{call}\n'
    assert f"{call}\n" in flipped(tmp_path, code)


def test_something_else_that_is_called_info(tmp_path: Path) -> None:
    code = f'from tools import inspector\n{HEAD}engine = create_engine("sqlite://")\ninspector.info(engine)\n'
    assert "may use it as one" in refusal(tmp_path, code)


def test_sql_in_a_plain_string(tmp_path: Path) -> None:
    code = (
        "from sqlalchemy.orm import Session\n\n\ndef ping(db: Session):\n    return db.execute('SELECT 1').scalar()\n"
    )
    new = flipped(tmp_path, code)
    assert "from sqlalchemy import text\n" in new
    assert "    return (await db.execute(text('SELECT 1'))).scalar()\n" in new
    assert "plain string" in refusal(tmp_path / "more", code.replace("SELECT 1", "SELECT %s"))


GIVEN = """\
from sqlalchemy import create_engine


class Database:
    def __init__(self, url=None):
        self.engine = create_engine(url or "sqlite:///own.db")


def connect(url):
    return Database(url)
"""


def test_urls_that_calls_and_fixtures_give(tmp_path: Path) -> None:
    tests = """\
import pytest
from app import Database, connect


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/a.db"


def test_one(url):
    assert connect(url)


def test_other():
    assert Database("sqlite://")
"""
    done = migrated(tmp_path, {"app.py": GIVEN, "test_app.py": tests})
    assert done.plan.refusals == []
    assert 'url or "sqlite+aiosqlite:///own.db"' in done.files["app.py"][1].decode()
    after = tests.replace("sqlite:", "sqlite+aiosqlite:")
    assert done.files["test_app.py"][1].decode() == after


def test_url_that_is_changed_on_the_way(tmp_path: Path) -> None:
    code = GIVEN.replace("return Database", 'url = url.replace("old:", "sqlite:")\n    return Database')
    after = flipped(tmp_path, code + '\n\nfirst = connect("sqlite:///first.db")\n')
    assert 'connect("sqlite:///first.db")' in after


def test_urls_in_attributes(tmp_path: Path) -> None:
    code = """\
from dataclasses import dataclass

from sqlalchemy import create_engine


@dataclass
class Settings:
    url: str = "sqlite:///own.db"


class Database:
    def __init__(self, settings: Settings, replica):
        self.settings = settings
        self.replica = replica

    def connect(self):
        return create_engine(self.settings.url), create_engine(self.replica)


database = Database(Settings(url="sqlite:///given.db"), replica="sqlite:///replica.db")
"""
    assert flipped(tmp_path, code) == code.replace("sqlite:", "sqlite+aiosqlite:").replace(
        "from sqlalchemy import create_engine", "from sqlalchemy.ext.asyncio import create_async_engine"
    ).replace("create_engine(", "create_async_engine(")


def test_url_that_the_command_line_may_give(tmp_path: Path) -> None:
    code = """\
import click
from sqlalchemy import create_engine


@click.command()
@click.option("--url", default="sqlite:///own.db")
def main(url):
    print(create_engine(url))
"""
    done = migrated(tmp_path, {"app.py": code})
    assert b'default="sqlite+aiosqlite:///own.db"' in done.files["app.py"][1]
    assert [(remark.line, remark.text) for remark in done.plan.notes] == [
        (6, "the command line may give another URL, which needs an async driver"),
    ]


def test_each_engine_takes_the_url_of_its_own_branch(tmp_path: Path) -> None:
    code = """\
import os

from sqlalchemy import create_engine

if os.getenv("DEMO"):
    url = "sqlite://"
    engine = create_engine(url, connect_args={"check_same_thread": False})
else:
    url = f"mysql://{os.getenv('USER')}@db/app"
    engine = create_engine(url)
"""
    done = migrated(tmp_path, {"app.py": code})
    assert done.plan.refusals == []
    after = done.files["app.py"][1].decode()
    assert "sqlite+aiosqlite://" in after
    assert "mysql+aiomysql://" in after
