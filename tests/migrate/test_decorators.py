from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import flipped, refusal

HEAD = """\
from functools import wraps

from sqlalchemy.orm import Session


def safe(func):
    @wraps(func)
    def wrapper(*args, **kwargs):
        try:
            return func(*args, **kwargs)
        except ValueError:
            print(func.__name__)

    return wrapper


"""
USED = "@safe\ndef save(db: Session):\n    db.commit()\n\n\n@safe\ndef plain(x):\n    return x\n\n\n"
USED += "def both(db: Session):\n    save(db)\n    return plain(1)\n"


def test_wrapper_and_all_that_it_wraps_change_together(tmp_path: Path) -> None:
    new = flipped(tmp_path, HEAD + USED)
    assert "    async def wrapper(*args, **kwargs):\n        try:\n            return await func(*args" in new
    assert "@safe\nasync def save(db: AsyncSession):\n    await db.commit()\n" in new
    assert "@safe\nasync def plain(x):" in new
    assert "async def both(db: AsyncSession):\n    await save(db)\n    return await plain(1)\n" in new
    assert flipped(tmp_path / "again", new) == new


def test_wrapper_that_opens_the_session_itself(tmp_path: Path) -> None:
    code = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def in_session(label):
    def decorate(func):
        def inner(*args):
            with Session(engine) as session:
                print(label)
                return func(session, *args)

        return inner

    return decorate


@in_session("x")
def load(session: Session, key):
    return session.get(int, key)


def main():
    return load(1)
"""
    new = flipped(tmp_path, code)
    assert "        async def inner(*args):\n            async with AsyncSession(engine, expire_on_commit=False)" in new
    assert "return await func(session, *args)" in new
    assert "async def main():\n    return await load(1)\n" in new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return func(*args, **kwargs)", "return (lambda: func(*args, **kwargs))()"),
        ("return func(*args, **kwargs)", "return Thread(target=func).start()"),
        ("    return wrapper\n", "    return property(wrapper)\n"),
        ("def wrapper(*args, **kwargs):", "def wrapper(*args, **kwargs):\n        yield"),
    ],
)
def test_decorators_that_do_something_else_are_barriers(tmp_path: Path, old: str, new: str) -> None:
    assert "whether @safe works on a coroutine function" in refusal(tmp_path, (HEAD + USED).replace(old, new, 1))


def test_a_decorator_that_is_called_as_a_function_too(tmp_path: Path) -> None:
    assert "passed on as a value" in refusal(tmp_path, f"{HEAD}{USED}\n\nsafer = safe(print)\n")


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("from unittest import mock", "mock.patch('a.b')"),
        ("from unittest.mock import patch", "patch.object(object, 'x')"),
        ("from freezegun import freeze_time", "freeze_time('2020-01-01')"),
        ("from loguru import logger", "logger.catch"),
        ("from dependency_injector.wiring import inject", "inject"),
        ("import strawberry", "strawberry.field(description='x')"),
    ],
)
def test_decorators_of_libraries_that_know_coroutine_functions(tmp_path: Path, imports: str, decorator: str) -> None:
    head = f"{imports}\nfrom sqlalchemy.orm import Session\n\n\n"
    new = flipped(tmp_path, f"{head}@{decorator}\ndef save(db: Session):\n    db.commit()\n")
    assert f"@{decorator}\nasync def save(db: AsyncSession):\n    await db.commit()\n" in new
