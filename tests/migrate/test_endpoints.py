"""Functions that are named where a framework takes coroutine functions as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import flipped, refusal

ROUTES = """\
from functools import partial

from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Mount, Route

app = FastAPI()


def get_db(url: str):
    with Session(create_engine(url)) as db:
        yield db


engine = create_engine("sqlite+aiosqlite://")


def total(number):
    with Session(engine) as db:
        return db.scalar(text("SELECT 1"))


"""


@pytest.mark.parametrize(
    "code",
    [
        '@app.get("/")\n'
        'def one(db: Session = Depends(partial(get_db, "sqlite+aiosqlite://"))):\n'
        '    return db.scalar(text("SELECT 1"))\n',
        'get = partial(get_db, url="sqlite+aiosqlite://")\n\n\n@app.get("/")\n'
        'def one(db=Depends(get)):\n    return db.scalar(text("SELECT 1"))\n',
    ],
)
def test_dependencies_bound_to_arguments(tmp_path: Path, code: str) -> None:
    after = flipped(tmp_path, ROUTES + code)
    assert "async def get_db(url: str):" in after
    assert "async def one(" in after
    assert 'return await db.scalar(text("SELECT 1"))' in after


def test_calls_of_bound_functions_are_awaited(tmp_path: Path) -> None:
    code = "local = partial(total, 1)\n\n\ndef one():\n    return local() + partial(total, 1)()\n"
    assert "return await local() + await partial(total, 1)()" in flipped(tmp_path, ROUTES + code)


@pytest.mark.parametrize(
    "code",
    [
        "local = partial(total, 1)\nnumbers = map(local, [])\n",
        'local = partial(get_db, "")\n\n\ndef one():\n    return next(local())\n',
        "def one():\n    return sorted([], key=partial(total, 1))\n",
    ],
)
def test_bound_functions_that_go_elsewhere(tmp_path: Path, code: str) -> None:
    assert "becomes a coroutine function, but is passed on as a value here" in refusal(tmp_path, ROUTES + code)


def test_routes_of_starlette(tmp_path: Path) -> None:
    code = """\
class Totals(HTTPEndpoint):
    def get(self, request):
        return total(1)


def one(request):
    return total(1)


routes = [Mount("/all", routes=[Route("/", Totals), Route("/one", one, methods=["GET"]), Route("/1", endpoint=one)])]
"""
    after = flipped(tmp_path, ROUTES + code)
    assert "    async def get(self, request):\n        return await total(1)" in after
    assert "async def one(request):\n    return await total(1)" in after
    assert after.endswith(code.rpartition("\n\n\n")[2])


def test_other_methods_of_an_endpoint_are_starlettes(tmp_path: Path) -> None:
    code = "class Totals(HTTPEndpoint):\n    def method_not_allowed(self, request):\n        return total(1)\n"
    assert "and HTTPEndpoint, which its class derives from, may call it" in refusal(tmp_path, ROUTES + code)
