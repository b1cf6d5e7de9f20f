"""What the function gives that an engine is told to connect with."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_async_sqla.semantics.inference.calls import PARTIAL
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import External, Function

_CONNECT = {
    "aiomysql.connect": True,
    "aioodbc.connect": True,
    "aiosqlite.connect": True,
    "asyncmy.connect": True,
    "asyncpg.connect": True,
    "psycopg.AsyncConnection.connect": True,
    "MySQLdb.connect": False,
    "mysql.connector.connect": False,
    "pg8000.connect": False,
    "psycopg.connect": False,
    "psycopg.Connection.connect": False,
    "psycopg2.connect": False,
    "pymysql.connect": False,
    "pyodbc.connect": False,
    "sqlite3.connect": False,
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a creator gives.

    Attributes:
        awaitable: Whether it is a coroutine.
        path: Canonical path of the driver's function that makes the connection; empty for a project's coroutine.
    """

    awaitable: bool
    path: str = ""

    def describe(self) -> str:
        """Name it in a message."""
        if not self.path:
            return "a coroutine"
        return f"what {self.path}() gives"


def given_by(module: Module, creator: ast.expr) -> Made | None:
    """Tell what calling a creator gives; ``None`` if that cannot be told.

    Args:
        module: The module of the engine call.
        creator: What is given as ``creator`` or ``async_creator``.
    """
    if isinstance(creator, ast.Lambda):
        return _called(module, creator.body)
    if isinstance(creator, ast.Name):
        home, binding = definition(module, creator, module.scope_of(creator))
        if binding is not None and isinstance(binding.value, ast.Call) and not binding.unpack:
            return given_by(home, binding.value)
    if isinstance(creator, ast.Call):
        return given_by(module, creator.args[0]) if callee(module, creator) == PARTIAL and creator.args else None
    kind = module.type_of(creator)
    if isinstance(kind, External) and kind.path in _CONNECT:
        return Made(_CONNECT[kind.path], kind.path)
    if not isinstance(kind, Function):
        return None
    if isinstance(kind.node, ast.AsyncFunctionDef):
        return Made(True)
    returned = [_called(kind.module, node.value) for node in own_nodes(kind.module, kind.node, ast.Return)]  # type: ignore[attr-defined]
    return returned[0] if len(returned) == 1 else None


def _called(module: Module, node: ast.expr | None) -> Made | None:
    if not isinstance(node, ast.Call):
        return None
    kind = module.type_of(node.func)
    if isinstance(kind, External) and kind.path in _CONNECT:
        return Made(_CONNECT[kind.path], kind.path)
    return Made(True) if isinstance(kind, Function) and isinstance(kind.node, ast.AsyncFunctionDef) else None
