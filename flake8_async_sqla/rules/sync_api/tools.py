"""Synchronous libraries that talk to a database through SQLAlchemy, and where they take an engine or a URL."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_async_sqla.rules.drivers import async_in
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl, urls
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import last_name
from flake8_async_sqla.semantics.objects.origins import engine_origin
from flake8_async_sqla.semantics.types import UNKNOWN, Instance


@dataclass(frozen=True, slots=True)
class Slot:
    """A parameter that takes an engine, a connection or a URL.

    Attributes:
        name: Its name.
        position: Its position, from 0; ``None`` if it is keyword-only.
        sqlite: Whether it does IO with SQLite's URLs too.
    """

    name: str
    position: int | None
    sqlite: bool = True


_FRAME = (Slot("con", 1),)
_CONNECTION = (Slot("connection", 0),)
_JOB_STORE = (Slot("url", 0), Slot("engine", 1))
_FUNCTIONS = {
    **dict.fromkeys(("pandas.read_sql", "pandas.read_sql_query", "pandas.read_sql_table"), _FRAME),
    "alembic.migration.MigrationContext.configure": _CONNECTION,
    "alembic.runtime.migration.MigrationContext.configure": _CONNECTION,
    "sqlalchemy_utils.database_exists": (Slot("url", 0, sqlite=False),),
    "sqlalchemy_utils.create_database": (Slot("url", 0),),
    "sqlalchemy_utils.drop_database": (Slot("url", 0, sqlite=False),),
    "apscheduler.jobstores.sqlalchemy.SQLAlchemyJobStore": _JOB_STORE,
}
_METHODS = {"to_sql": _FRAME, "write_database": (Slot("connection", 1),)}
_OF_DIALECT = frozenset(
    {
        "get_columns", "get_foreign_keys", "get_indexes", "get_pk_constraint", "get_schema_names", "get_table_names",
        "get_view_names", "has_index", "has_schema", "has_sequence", "has_table",
    }
)  # fmt: skip
TOOLS = frozenset({*(path.rpartition(".")[2] for path in _FUNCTIONS), *_METHODS, *_OF_DIALECT, "add_jobstore"})
_LIBRARIES = ("pandas.", "polars.", "apscheduler.")
_MODULES = ("sqlalchemy_utils.functions.database.", "sqlalchemy_utils.functions.")


def slots(module: Module, call: ast.Call) -> tuple[str, tuple[Slot, ...]]:
    """Return the synchronous tool that a call runs, and the parameters to look at; none of both for other calls."""
    path = callee(module, call)
    for prefix in _MODULES:
        path = path.replace(prefix, "sqlalchemy_utils.")
    if path in _FUNCTIONS:
        return path, _FUNCTIONS[path]
    func = call.func
    if isinstance(module.parent(call), ast.Await):
        return "", ()
    if isinstance(func, ast.Attribute) and func.attr in _METHODS and _of_library(module, func.value):
        return func.attr, _METHODS[func.attr]
    if isinstance(func, ast.Attribute) and func.attr in _OF_DIALECT and last_name(func.value) == "dialect":
        return f"dialect.{func.attr}", _CONNECTION
    if isinstance(func, ast.Attribute) and func.attr == "add_jobstore" and _of_library(module, func.value):
        kind = argument(call, "jobstore", 0)
        if isinstance(kind, ast.Constant) and kind.value == "sqlalchemy":
            return "add_jobstore", (Slot("url", None), Slot("engine", None))
    return "", ()


def _of_library(module: Module, receiver: ast.expr) -> bool:
    """Tell whether an object is a library's, or cannot be told to be another."""
    kind = module.type_of(receiver)
    return kind is UNKNOWN or (isinstance(kind, Instance) and kind.cls.startswith(_LIBRARIES))


def async_url(module: Module, node: ast.expr) -> DatabaseUrl | None:
    """Return the URL that an expression gives, if only async engines work with its driver."""
    targets = module.project.settings.targets
    found = urls(*_url_of_engine(module, node))
    if found and all(len(async_in(url, targets)) == len(targets) for url in found):
        return found[0]
    return None


def _url_of_engine(module: Module, node: ast.expr) -> tuple[Module, ast.expr | None]:
    """Follow ``engine.url`` to what the engine was made with."""
    kind = module.type_of(node.value) if isinstance(node, ast.Attribute) and node.attr == "url" else UNKNOWN
    if not is_a(kind, ASYNC_ENGINE):
        return module, node
    made = engine_origin(kind)
    return (made.module, argument(made.call, "url", 0)) if made is not None else (module, None)
