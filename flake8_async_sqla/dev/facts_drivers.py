"""Observe which arguments the drivers' own connect functions take."""

from __future__ import annotations

import importlib
import inspect
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

_SQLITE = ("cached_statements", "check_same_thread", "detect_types", "factory", "isolation_level", "timeout", "uri")
_SIGNATURES = {
    "aiomysql": "aiomysql.connect",
    "aiosqlite": "aiosqlite.connect",
    "asyncmy": "asyncmy.connect",
    "asyncpg": "asyncpg.connect",
    "oracledb": "oracledb.connect",
    "oracledb_async": "oracledb.connect_async",
    "pg8000": "pg8000.connect",
    "psycopg": "psycopg.Connection.connect",
    "psycopg2": "psycopg2.connect",
    "psycopg_async": "psycopg.AsyncConnection.connect",
    "pymysql": "pymysql.connect",
}


def observe() -> dict[str, Any]:
    """Describe the arguments that a driver takes itself, and those that SQLAlchemy's adapter takes before it."""
    return {
        "connect": {driver: sorted(names) for driver, names in _connect()},
        "adapter": {driver: sorted(_adapter(module)) for driver, module in _ADAPTERS.items()},
    }


def _connect() -> Iterator[tuple[str, set[str]]]:
    for driver, path in _SIGNATURES.items():
        names = _parameters(_load(path))
        if driver.startswith("psycopg"):
            names |= _libpq()
        if driver == "aiosqlite":
            names |= _sqlite()
        yield driver, names - {"self", "cls", "args", "kwargs", "conninfo"}
    yield "pysqlite", _sqlite() | {"database"}


def _load(path: str) -> Any:
    parts = path.split(".")
    value: Any = importlib.import_module(parts[0])
    for part in parts[1:]:
        value = getattr(value, part)
    return value


def _parameters(function: Any) -> set[str]:
    if inspect.isclass(function):
        function = function.__init__
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}


def _libpq() -> set[str]:
    from psycopg import pq

    return {option.keyword.decode() for option in pq.Conninfo.get_defaults()}


def _sqlite() -> set[str]:
    """Try every keyword on a database in memory: the signature of `sqlite3.connect` is not readable."""
    connect: Any = sqlite3.connect
    wrong = object()
    accepted = {"autocommit"}  # since Python 3.12
    for name in (*_SQLITE, "foreign_keys", "mode"):
        try:
            connect(":memory:", **{name: wrong})
        except TypeError as error:
            if "invalid keyword" in str(error) or "unexpected keyword" in str(error):
                continue
        except ValueError:
            pass
        accepted.add(name)
    return accepted


_ADAPTERS = {
    "aiomysql": "mysql.aiomysql",
    "aiosqlite": "sqlite.aiosqlite",
    "asyncmy": "mysql.asyncmy",
    "asyncpg": "postgresql.asyncpg",
    "psycopg_async": "postgresql.psycopg",
}


def _adapter(module: str) -> set[str]:
    try:
        source = inspect.getsource(importlib.import_module(f"sqlalchemy.dialects.{module}"))
    except ImportError:
        return set()
    return set(re.findall(r'kw(?:args)?\.pop\(\s*"(\w+)"', source))
