"""Which arguments a driver takes, in ``connect_args`` and in a URL's query string, and how others name the same."""

from __future__ import annotations

from flake8_async_sqla.facts.driver_arguments_generated import ADAPTER_ARGUMENTS, CONNECT_ARGUMENTS

__all__ = [
    "ADAPTER_ARGUMENTS",
    "CONNECT_ARGUMENTS",
    "NOT_AS_STRING",
    "QUERY_ARGUMENTS",
    "SERVER_SETTINGS",
    "TRANSLATE",
    "connect_arguments",
    "refused",
    "translated",
]

# Everything in a query string is a string; the drivers fail on these, and SQLAlchemy converts none of them.
NOT_AS_STRING: dict[str, frozenset[str]] = {
    "aiomysql": frozenset({"conv", "cursorclass", "loop", "server_public_key"}),
    "asyncmy": frozenset(
        {"auth_plugin_map", "conv", "cursor_cls", "echo", "password_creator", "query_callback", "ssl"}
    ),
    "asyncpg": frozenset(
        {
            "async_creator_fn",
            "connection_class",
            "loop",
            "max_cacheable_statement_size",
            "max_cached_statement_lifetime",
            "prepared_statement_name_func",
            "record_class",
            "server_settings",
            "statement_cache_size",
            "timeout",
        }
    ),
    "psycopg": frozenset({"context", "cursor_factory", "prepare_threshold", "row_factory"}),
    "psycopg_async": frozenset({"context", "cursor_factory", "prepare_threshold", "row_factory"}),
    "psycopg2": frozenset({"connection_factory", "cursor_factory"}),
}

# SQLAlchemy turns these into the driver's `ssl` argument, in a query string only.
_MYSQL_TLS = frozenset({"ssl_ca", "ssl_capath", "ssl_cert", "ssl_check_hostname", "ssl_cipher", "ssl_key"})

QUERY_ARGUMENTS: dict[str, frozenset[str]] = {
    name: (CONNECT_ARGUMENTS[name] - NOT_AS_STRING.get(name, frozenset()))
    | (_MYSQL_TLS if name in ("aiomysql", "asyncmy", "pymysql") else frozenset())
    for name in ("aiomysql", "asyncmy", "asyncpg", "pg8000", "psycopg", "psycopg2", "psycopg_async", "pymysql")
}

# None: the driver has nothing like it.
TRANSLATE: dict[str, dict[str, str | None]] = {
    "aiomysql": {"database": "db", "passwd": "password", "read_timeout": None, "write_timeout": None},
    "asyncmy": {"cursorclass": "cursor_cls", "passwd": "password", "write_timeout": None},
    "asyncpg": {
        "connect_timeout": "timeout",
        "dbname": "database",
        "keepalives": None,
        "options": None,
        "prepare_threshold": None,
        "sslmode": "ssl",
    },
    "psycopg": {"database": "dbname", "ssl": "sslmode", "timeout": "connect_timeout"},
}

# Parameters of the server itself: asyncpg takes them in `connect_args={"server_settings": {name: text}}`.
SERVER_SETTINGS = frozenset({"application_name", "client_encoding"})


def connect_arguments(driver: str, version: str) -> frozenset[str] | None:
    """List what ``connect_args`` may hold in a series; None when the driver is not known or takes anything.

    Args:
        driver: Name of the driver, as in ``postgresql+driver``.
        version: SQLAlchemy series.
    """
    known = CONNECT_ARGUMENTS.get(driver)
    if known is None:
        return None
    elsewhere = frozenset[str]().union(*(adapter.get(driver, ()) for adapter in ADAPTER_ARGUMENTS.values()))
    return (known - elsewhere) | ADAPTER_ARGUMENTS[version].get(driver, frozenset())


def refused(driver: str, name: str, *, in_query: bool = True) -> bool:
    """Tell whether connecting fails because of an argument.

    Args:
        driver: Name of the driver.
        name: The argument.
        in_query: Whether it stands in the URL's query string, else in ``connect_args``.

    Returns:
        False also when the driver is not known.
    """
    known = (QUERY_ARGUMENTS if in_query else CONNECT_ARGUMENTS).get(driver)
    return known is not None and name not in known


def translated(driver: str, name: str, *, in_query: bool = True) -> str | None:
    """Name the argument of a driver that takes the same values with the same meaning as another driver's.

    Args:
        driver: Name of the driver to use.
        name: The argument of the other driver.
        in_query: Whether it stands in the URL's query string, else in ``connect_args``.
    """
    other = TRANSLATE.get(driver, {}).get(name)
    return other if other is not None and not refused(driver, other, in_query=in_query) else None
