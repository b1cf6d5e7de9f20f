"""
# no-rollback-after-failed-flush

## What it does
Finds handlers that catch the error of a `flush()` or `commit()` and let the session be used again without a
`rollback()`: after the `try`, or in the loop's next turn. Handlers that raise, return without further use, roll back
or close are right, and so are `async with session.begin_nested()` inside the `try`, and a handler that tries something
with the session and catches what that raises.

## Why is this bad?
A failed flush leaves the session's transaction rolled back but not ended: whatever uses it next raises
`PendingRollbackError: This Session's transaction has been rolled back due to a previous exception during flush. To
begin a new transaction with this Session, first issue Session.rollback().` (inside a `begin()` block:
`InvalidRequestError: Can't operate on closed transaction inside context manager`).

## Example
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        name: Mapped[str] = mapped_column(primary_key=True)


    async def insert_users(session: AsyncSession, names: list[str]) -> None:
        for name in names:
            try:
                session.add(User(name=name))
                await session.commit()
            except IntegrityError:
                print(f"{name} exists")

## Use instead
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        name: Mapped[str] = mapped_column(primary_key=True)


    async def insert_users(session: AsyncSession, names: list[str]) -> None:
        for name in names:
            try:
                session.add(User(name=name))
                await session.commit()
            except IntegrityError:
                await session.rollback()
                print(f"{name} exists")

## Fix safety
Unsafe: `rollback()` expires all objects of the session, and undoes what was flushed before but not committed.

## References
- [SQLAlchemy: "This Session's transaction has been rolled back due to a previous exception during flush"](https://docs.sqlalchemy.org/en/20/faq/sessions.html#this-session-s-transaction-has-been-rolled-back-due-to-a-previous-exception-during-flush-or-similar)
- [maxdorninger/MediaManager#541](https://github.com/maxdorninger/MediaManager/issues/541)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, InsertBefore, Refusal, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.transactions.reports import found, told
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.order import path
from flake8_async_sqla.semantics.transactions.flow import caught
from flake8_async_sqla.semantics.transactions.states import Place
from flake8_async_sqla.semantics.transactions.walk import Found

_CATCHING = frozenset({"BaseException", "Exception", "InvalidRequestError", "PendingRollbackError", "SQLAlchemyError"})


@rule(
    "ASQ705",
    symptom="PendingRollbackError: This Session's transaction has been rolled back",
    fixable="sometimes",
    words=("except", "suppress("),
)
def no_rollback_after_failed_flush(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report handlers that leave a session unusable which is used again."""
    seen: set[ast.AST] = set()
    for item in found(module, "failed"):
        at = item.because.site
        if isinstance(at, ast.ExceptHandler):
            at = at.type or at.body[0]
        if at in seen or not isinstance(at, (ast.expr, ast.stmt)) or _expected(module, item):
            continue
        seen.add(at)
        error = "InvalidRequestError" if item.path.blocks else "PendingRollbackError"
        yield Diagnostic(
            at=at,
            message=f"after a failed flush the session needs a rollback(){_caught(module, item.because)}: "
            f"{told(item.at)} in line {getattr(item.at, 'lineno', 0)} raises {error}",
            fix=partial(_fix, module, item),
        )


def _caught(module: Module, handler: Place) -> str:
    """Say where the failure is caught, if another function does it."""
    if handler.node is handler.site:
        return ""
    inside = f"{handler.module.relative_path}:" if handler.module != module else "line "
    return f" where {told(handler.site)} catches its error ({inside}{getattr(handler.node, 'lineno', 0)})"


def _expected(module: Module, item: Found) -> bool:
    """Tell whether the handler itself tries the session, and catches the error of one that needs a rollback."""
    tries = [step.parent for step in path(module, item.at) if step.field == "body" and isinstance(step.parent, ast.Try)]
    return any(
        item.because.site in module.ancestors(node)
        and any(caught(module, handler.type) & _CATCHING for handler in node.handlers)
        for node in tries
    )


def _fix(module: Module, item: Found) -> Fix | Refusal:
    handler = item.because.node
    if not isinstance(handler, ast.ExceptHandler) or item.because.module != module or item.path.blocks:
        return Refusal("where to roll back is not clear")
    func = item.call.func if isinstance(item.call, ast.Call) else None
    if not isinstance(func, ast.Attribute) or item.call is not item.at:
        return Refusal("the session is used by another function")
    session = func.value
    if not isinstance(session, (ast.Name, ast.Attribute)) or module.function(handler) is not module.function(session):
        return Refusal("the session has no name here")
    rollback = Code("await {session}.rollback()", {"session": session})
    return unsafe(
        "rollback() expires all objects of the session, and undoes what was flushed before",
        InsertBefore(handler.body[0], rollback),
    )
