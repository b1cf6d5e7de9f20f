"""SQLAlchemy's async objects, and what they certainly do not have."""

from __future__ import annotations

import ast
import itertools

from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SCOPED_SESSION, ASYNC_SESSION, FACTORIES
from flake8_async_sqla.semantics.inference.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.members import bases, fact, knows
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import last_name, parts
from flake8_async_sqla.semantics.types import External, Instance, ProjectClass, ProjectInstance, Type

ASYNC_CONNECTION = "sqlalchemy.ext.asyncio.AsyncConnection"
SESSION_LIKE = (ASYNC_SESSION, ASYNC_SCOPED_SESSION)
ASYNC_OBJECTS = (ASYNC_ENGINE, ASYNC_CONNECTION, *SESSION_LIKE)
_RAISING = frozenset(
    {"raises", "assertRaises", "assertRaisesRegex", "expect_raises", "expect_raises_message", "suppress"}
)
_HARMLESS_BASES = ("typing.", "builtins.", "abc.", "collections.abc.")


def class_name(kind: Type) -> str:
    """Name an object's class as exceptions do."""
    if isinstance(kind, ProjectInstance):
        return kind.cls.node.name
    return kind.cls.rpartition(".")[2] if isinstance(kind, Instance) else ""


def is_async_object(kind: Type) -> bool:
    """Tell whether a type is an async engine, connection, session or session registry."""
    return is_a(kind, *ASYNC_OBJECTS)


def lacks(kind: Type, name: str) -> bool:
    """Tell whether an object certainly has no such member, in any series of SQLAlchemy."""
    if isinstance(kind, Instance):
        return knows(kind.cls) and kind.cls not in FACTORIES and fact(kind.cls, name) is None
    return isinstance(kind, ProjectInstance) and _class_lacks(kind.cls, name)


def _class_lacks(cls: ProjectClass, name: str) -> bool:
    if cls.node.decorator_list:
        return False
    for item in lineage(cls):
        if isinstance(item, str):
            if fact(item, name) is not None:
                return False
            continue
        scope = scope_of_class(item)
        if any(known in scope.names for known in (name, "__getattr__", "__getattribute__")) or name in scope.attributes:
            return False
        for base in item.node.bases:
            kind = item.module.type_of(base)
            if not isinstance(kind, ProjectClass) and not (isinstance(kind, External) and _transparent(kind.path)):
                return False
    return True


def _transparent(path: str) -> bool:
    return path.startswith(_HARMLESS_BASES) or any(knows(base) for base in bases(path))


def expects_failure(module: Module, node: ast.AST, *exceptions: str) -> bool:
    """Tell whether code means to fail or asks first: ``with pytest.raises(...)``, ``try`` with a handler, ``hasattr``.

    Args:
        module: The module of the code.
        node: The code.
        exceptions: Names of the exceptions whose handlers count.
    """
    child = node
    for outer in module.ancestors(node):
        if _prepares(outer, child, exceptions):
            return True
        child = outer
    return False


def _prepares(outer: ast.AST, child: ast.AST, exceptions: tuple[str, ...]) -> bool:
    if isinstance(outer, (ast.With, ast.AsyncWith)):
        return any(last_name(item.context_expr) in _RAISING for item in outer.items)
    if isinstance(outer, ast.Try) and child in outer.body:
        return any(_catches(handler, exceptions) for handler in outer.handlers)
    if isinstance(outer, (ast.If, ast.IfExp)) and child is not outer.test:
        return _asks(outer.test)
    if isinstance(outer, ast.BoolOp):
        return any(_asks(value) for value in itertools.takewhile(lambda value: value is not child, outer.values))
    return False


def _asks(test: ast.expr) -> bool:
    return any(last_name(call) == "hasattr" for call in ast.walk(test) if isinstance(call, ast.Call))


def _catches(handler: ast.ExceptHandler, exceptions: tuple[str, ...]) -> bool:
    return any(last_name(name) in exceptions for name in parts(handler.type)) if handler.type is not None else False


def in_coroutine(module: Module, node: ast.AST) -> bool:
    """Tell whether ``await`` may be written where a node stands."""
    return isinstance(module.function(node), ast.AsyncFunctionDef)
