"""Which database drivers there are, and which of them work with asyncio."""

from __future__ import annotations

from flake8_async_sqla.facts.dialects_generated import DEFAULT_DRIVER, DRIVERS
from flake8_async_sqla.facts.driver import Driver

__all__ = ["ASYNC_REPLACEMENT", "DEFAULT_DRIVER", "DRIVERS", "MISSPELT", "THIRD_PARTY", "Driver", "driver", "unknown"]

_SYNC_ONLY = """
awsathena awsathena+arrow awsathena+pandas awsathena+polars awsathena+rest awsathena+s3fs bigquery clickhouse
clickhouse+http clickhouse+native clickhousedb clickhousedb+connect cockroachdb cockroachdb+psycopg2 crate databricks
db2 db2+ibm_db duckdb firebird+firebird hana hana+hdbcli ibm_db_sa redshift redshift+psycopg2
redshift+redshift_connector snowflake snowflake+snowflake sqlite+libsql sqlite+turso sqlite+turso_sync trino ydb yql
yql+ydb
"""
_ASYNC = """
awsathena+aioarrow awsathena+aiopandas awsathena+aiopolars awsathena+aiorest awsathena+aios3fs clickhouse+asynch
clickhousedb+async cockroachdb+asyncpg hana+aiohdbcli postgresql+psqlpy snowflake+snowflake_async sqlite+aiolibsql
sqlite+aioturso ydb_async yql+ydb_async
"""

THIRD_PARTY: dict[str, str] = {
    **dict.fromkeys(_SYNC_ONLY.split(), "sync"),
    **dict.fromkeys(_ASYNC.split(), "async"),
    "cockroachdb+psycopg": "dual",
}

_POSTGRESQL = ("postgresql+asyncpg", "postgresql+psycopg")
_MYSQL = ("mysql+aiomysql", "mysql+asyncmy")
_MARIADB = ("mariadb+aiomysql", "mariadb+asyncmy")
_BY_BACKEND = {
    "postgresql": (_POSTGRESQL, " psycopg2 psycopg2cffi pg8000 pygresql pypostgresql"),
    "mysql": (_MYSQL, " mysqldb pymysql mysqlconnector mariadbconnector cymysql oursql pyodbc"),
    "mariadb": (_MARIADB, " mysqldb pymysql mysqlconnector mariadbconnector cymysql oursql pyodbc"),
    "sqlite": (("sqlite+aiosqlite",), " pysqlite"),
    "oracle": (("oracle+oracledb",), " cx_oracle"),
    "mssql": (("mssql+aioodbc",), " pyodbc pymssql mssqlpython"),
}

ASYNC_REPLACEMENT: dict[str, tuple[str, ...]] = {
    f"{backend}+{name}" if name else backend: candidates
    for backend, (candidates, names) in _BY_BACKEND.items()
    for name in names.split(" ")
}

# Schemes that people write and SQLAlchemy cannot load, with what they mean.
MISSPELT: dict[str, str] = {
    "aiomysql": "mysql+aiomysql",
    "aiosqlite": "sqlite+aiosqlite",
    "asyncmy": "mysql+asyncmy",
    "asyncpg": "postgresql+asyncpg",
    "mysql+aiomysqldb": "mysql+aiomysql",
    "mysql+async": "mysql+aiomysql",
    "postgres": "postgresql",
    "postgres+asyncpg": "postgresql+asyncpg",
    "postgres+psycopg": "postgresql+psycopg",
    "postgres+psycopg2": "postgresql+psycopg2",
    "postgresql+aiopg": "postgresql+asyncpg",
    "postgresql+async": "postgresql+asyncpg",
    "postgresql+psycopg3": "postgresql+psycopg",
    "sqlite+aiosqlite3": "sqlite+aiosqlite",
    "sqlite+sqlite3": "sqlite+pysqlite",
    "sqlite3": "sqlite",
}


def driver(scheme: str, version: str) -> Driver | None:
    """Look up what SQLAlchemy loads for a URL.

    Args:
        scheme: ``backend`` or ``backend+driver``, as written before ``://``.
        version: SQLAlchemy series.

    Returns:
        The driver, or None when neither SQLAlchemy nor a known package brings one.
    """
    backend, _, name = scheme.partition("+")
    if not name and backend in DEFAULT_DRIVER[version]:
        scheme = f"{backend}+{DEFAULT_DRIVER[version][backend]}"
    if (found := DRIVERS[version].get(scheme)) is not None:
        return found
    kind = THIRD_PARTY.get(scheme)
    return Driver(kind == "async", kind == "dual") if kind is not None else None


def unknown(scheme: str, version: str) -> bool:
    """Tell whether SQLAlchemy certainly raises `NoSuchModuleError` for a scheme."""
    if driver(scheme, version) is not None:
        return False
    return scheme in MISSPELT or scheme.partition("+")[0] in DEFAULT_DRIVER[version]
