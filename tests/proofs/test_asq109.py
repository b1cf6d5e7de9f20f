"""ASQ109: drivers refuse arguments that they do not know."""

from __future__ import annotations

import re

import pytest

from tests.proofs.programs import SERIES, error
from tests.sqlalchemy_versions import run

CONNECT = """
import asyncio, sys
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine({url}, connect_args={args})
    async with engine.connect():
        pass
    await engine.dispose()

asyncio.run(main())
"""
REFUSED = [
    ("&sslmode=disable", {}, "TypeError: connect() got an unexpected keyword argument 'sslmode'"),
    ("&options=-csearch_path%3Dapp", {}, "TypeError: connect() got an unexpected keyword argument 'options'"),
    ("&timeout=5", {}, "TypeError: unsupported operand type(s) for +: 'float' and 'str'"),
    ("&ssl=true", {}, "`sslmode` parameter must be one of: disable, allow, prefer, require, verify-ca, verify-full"),
    ("", {"check_same_thread": False}, "TypeError: connect() got an unexpected keyword argument 'check_same_thread'"),
    ("", {"application_name": "x"}, "TypeError: connect() got an unexpected keyword argument 'application_name'"),
]
TAKEN = [
    ("&ssl=disable&command_timeout=5", {}),
    ("", {"timeout": 5, "server_settings": {"application_name": "x"}}),
]


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(("query", "args", "claim"), REFUSED)
def test_asyncpg_refuses_argument(series: str, query: str, args: dict[str, object], claim: str, postgres: str) -> None:
    assert claim in error(run(series, CONNECT.format(url=repr(postgres + query), args=args)))


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(("query", "args"), TAKEN)
def test_asyncpg_takes_argument(series: str, query: str, args: dict[str, object], postgres: str) -> None:
    done = run(series, CONNECT.format(url=repr(postgres + query), args=args))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("series", SERIES)
def test_aiosqlite_refuses_argument(series: str) -> None:
    done = run(series, CONNECT.format(url="'sqlite+aiosqlite://'", args={"foreign_keys": True}))
    assert re.search("'foreign_keys' is an invalid|unexpected keyword argument 'foreign_keys'", error(done))
