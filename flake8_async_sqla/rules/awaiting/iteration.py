"""What ``for`` takes, and what ``async for`` takes."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.awaiting.misuse import Misuse
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.sessions.database_io import reaches_database
from flake8_async_sqla.semantics.types import UNKNOWN, Container, Generator, Member, Type

ASYNC_RESULTS = tuple(
    f"sqlalchemy.ext.asyncio.{name}"
    for name in ("AsyncResult", "AsyncScalarResult", "AsyncMappingResult", "AsyncTupleResult")
)
RESULTS = (
    "sqlalchemy.CursorResult", "sqlalchemy.MappingResult", "sqlalchemy.Result", "sqlalchemy.ScalarResult",
    "sqlalchemy.TupleResult",
)  # fmt: skip


def is_streamed(kind: Type) -> bool:
    """Tell whether a type is a result that streams its rows."""
    return is_a(kind, *ASYNC_RESULTS)


def needs_other_loop(how: Misuse, result: Type) -> bool:
    """Tell whether a loop over a coroutine would be of the wrong kind if the coroutine were awaited, or is async."""
    if how.kind != "looped":
        return False
    return loops_asynchronously(how.at) or is_streamed(result)


def loops_asynchronously(loop: ast.AST) -> bool:
    """Tell whether a loop, or the ``for`` of a comprehension, is an ``async for``."""
    return isinstance(loop, ast.AsyncFor) or (isinstance(loop, ast.comprehension) and bool(loop.is_async))


def only_async(kind: Type) -> bool:
    """Tell whether only ``async for`` takes what a result gives."""
    if isinstance(kind, Generator):
        return kind.is_async
    return is_streamed(kind)


def only_sync(module: Module, node: ast.expr, kind: Type) -> bool:
    """Tell whether only ``for`` takes what a result gives: itself, if it is buffered, or its rows."""
    if isinstance(kind, Generator):
        return not kind.is_async
    if isinstance(kind, Container) or is_a(kind, *RESULTS):
        return True
    callee = _called(module, node.value if isinstance(node, ast.Await) else node)
    return callee is not None and is_a(callee.receiver, *(ASYNC_RESULTS if isinstance(node, ast.Await) else RESULTS))


def from_result(module: Module, node: ast.expr, kind: Type) -> bool:
    """Tell whether what is iterated certainly is a result, or comes out of one."""
    if is_a(kind, *ASYNC_RESULTS, *RESULTS):
        return True
    if isinstance(kind, Generator) and kind.function is not None:
        return kind.is_async and reaches_database(kind.function)
    callee = _called(module, node.value if isinstance(node, ast.Await) else node)
    return callee is not None and is_a(callee.receiver, *ASYNC_RESULTS, *RESULTS)


def _called(module: Module, node: ast.expr) -> Member | None:
    """Return the method of SQLAlchemy's that a call calls."""
    callee = module.type_of(node.func) if isinstance(node, ast.Call) else UNKNOWN
    return callee if isinstance(callee, Member) and fact(callee.cls, callee.name) is not None else None
