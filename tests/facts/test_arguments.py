from __future__ import annotations

import pytest

from flake8_async_sqla.facts.driver_arguments import (
    CONNECT_ARGUMENTS,
    NOT_AS_STRING,
    QUERY_ARGUMENTS,
    TRANSLATE,
    connect_arguments,
    refused,
    translated,
)
from flake8_async_sqla.facts.engine_arguments import REFUSED, REMOVED, Refused
from flake8_async_sqla.facts.keywords_generated import ENGINE_KEYWORDS
from flake8_async_sqla.facts.versions import SUPPORTED, includes
from tests.sqlalchemy_versions import run, supported

ENGINE = """
import asyncio, sys, warnings
warnings.simplefilter("ignore")
from sqlalchemy.ext.asyncio import create_async_engine
engine = create_async_engine("sqlite+aiosqlite://", **{sys.argv[1]: eval(sys.argv[2])})
print("CREATED")
async def main():
    async with engine.connect():
        pass
    await engine.dispose()
asyncio.run(main())
"""

# Nothing listens on this port: an argument that is understood ends in a refused connection.
CONNECT = """
import asyncio, sys, warnings
warnings.simplefilter("ignore")
from sqlalchemy.ext.asyncio import create_async_engine
url, arguments = sys.argv[1], eval(sys.argv[2])
async def main():
    try:
        async with create_async_engine(url, connect_args=arguments).connect():
            pass
    except BaseException as error:
        print(type(error).__name__, str(error).splitlines()[0])
asyncio.run(main())
"""
URL = "postgresql+asyncpg://user:password@127.0.0.1:1/name"


def value_of(argument: Refused) -> str:
    if argument.keyword == "creator":
        return "(lambda: __import__('aiosqlite').connect(':memory:'))"
    return argument.value or "'threadlocal'"


@pytest.mark.parametrize("series", supported())
@pytest.mark.parametrize("argument", REFUSED, ids=lambda argument: argument.keyword)
def test_refused_engine_arguments(argument: Refused, series: str) -> None:
    done = run(series, ENGINE, argument.keyword, value_of(argument))
    if not includes(series, argument.since):
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 1
    assert argument.exception.rpartition(".")[2] in done.stderr
    assert ("CREATED" in done.stdout) == argument.on_connect


def test_removed_keywords_match_the_generated_ones() -> None:
    for name, series in REMOVED.items():
        if name.startswith("create_engine("):
            keyword = name.removeprefix("create_engine(").removesuffix(")")
            assert [version for version in SUPPORTED if keyword in ENGINE_KEYWORDS[version]] == list(
                SUPPORTED[: SUPPORTED.index(series)]
            )


@pytest.mark.parametrize("series", supported())
@pytest.mark.parametrize(
    ("name", "value", "works"),
    [
        ("ssl", "disable", True),
        ("command_timeout", "5", True),
        ("target_session_attrs", "any", True),
        ("prepared_statement_cache_size", "0", True),
        ("sslmode", "disable", False),
        ("application_name", "x", False),
        ("connect_timeout", "5", False),
        ("options", "-csearch_path%3Dx", False),
        ("statement_cache_size", "0", False),
        ("timeout", "5", False),
    ],
)
def test_asyncpg_query_arguments(name: str, value: str, works: bool, series: str) -> None:
    done = run(series, CONNECT, f"{URL}?{name}={value}", "{}")
    assert ("TypeError" not in done.stdout) == works, done.stdout
    assert works == ("Connect call failed" in done.stdout or "ConnectionRefused" in done.stdout)
    assert refused("asyncpg", name) == (not works)


@pytest.mark.parametrize("series", supported())
@pytest.mark.parametrize(("name", "value"), [("timeout", 5), ("ssl", "disable"), ("server_settings", {"jit": "off"})])
def test_asyncpg_connect_arguments(name: str, value: object, series: str) -> None:
    done = run(series, CONNECT, URL, repr({name: value}))
    assert "Connect call failed" in done.stdout or "ConnectionRefused" in done.stdout
    assert name in (connect_arguments("asyncpg", series) or ())


def test_async_fallback_is_gone() -> None:
    with_it = [series for series in SUPPORTED if "async_fallback" in (connect_arguments("asyncpg", series) or ())]
    assert (with_it, REMOVED["?async_fallback"]) == (["1.4", "2.0"], "2.1")


def test_translations_lead_to_arguments_of_the_driver() -> None:
    for driver, names in TRANSLATE.items():
        for old, new in names.items():
            assert old not in CONNECT_ARGUMENTS[driver]
            assert new is None or new in CONNECT_ARGUMENTS[driver]


def test_values_that_fail_as_strings_are_arguments_of_the_driver() -> None:
    for driver, names in NOT_AS_STRING.items():
        assert names <= CONNECT_ARGUMENTS[driver]
        assert not names & QUERY_ARGUMENTS[driver]


def test_translated() -> None:
    assert translated("asyncpg", "sslmode") == "ssl"
    assert translated("asyncpg", "connect_timeout", in_query=False) == "timeout"
    assert translated("asyncpg", "connect_timeout") is None
    assert translated("asyncpg", "options", in_query=False) is None
    assert not refused("pyodbc", "anything")
