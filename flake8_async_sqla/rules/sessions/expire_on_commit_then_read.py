"""
# expire-on-commit-then-read

## What it does
Finds a factory of async sessions that leaves `expire_on_commit` on, while a coroutine reads a column of a mapped object
after `await session.commit()` or after the `async with session.begin()` block that commits. Reported once, at the
factory; where the factory is in another file, ASQ504 reports the read.

## Why is this bad?
The commit expires all objects of the session. The next read of a column must load it again, which cannot happen outside
of an `await`: `MissingGreenlet: greenlet_spawn has not been called; can't call await_() here. Was IO attempted in an
unexpected place?` (2.1 wraps it in a `StatementError`). Once the session is closed, the read raises
`DetachedInstanceError: Instance <User> is not bound to a Session; attribute refresh operation cannot proceed`.

## Example
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)


    async def create_user() -> int:
        async with factory() as session:
            user = User()
            session.add(user)
            await session.commit()
            return user.id

## Use instead
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)


    async def create_user() -> int:
        async with factory() as session:
            user = User()
            session.add(user)
            await session.commit()
            return user.id

## Fix safety
Unsafe: objects of all sessions of the factory keep what they held at the commit, even where another transaction has
changed it since.

## References
- [SQLAlchemy: preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Fix, unsafe
from flake8_async_sqla.rules.implicit_io.factories import factory_behind
from flake8_async_sqla.rules.implicit_io.loading import subject, where
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import assigned_names
from flake8_async_sqla.semantics.flow.analysis import failures
from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Origin

_STALE = "objects keep what they held at the commit, even where another transaction has changed it"


@rule("ASQ204", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="always")
def expire_on_commit_then_read(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report factories whose sessions expire objects that are read afterwards."""
    reported: set[Origin] = set()
    for failure in failures(module):
        expired_by = failure.source if failure.kind == "detached" and failure.missing == "expired" else failure.cause
        if failure.kind != "expired" and expired_by is not failure.source:
            continue
        factory = factory_behind(failure, expired_by)
        if factory is None or factory.module != module or factory in reported:
            continue
        reported.add(factory)
        symptom = "DetachedInstanceError" if failure.kind == "detached" else "MissingGreenlet"
        yield Diagnostic(
            at=factory.call,
            message=f"{subject(module, failure)} ({where(module, Place(module, failure.at, ''))}) is expired by the "
            f"commit before it ({symptom}); make the sessions with expire_on_commit=False",
            fix=partial(_fix, module, factory.call),
        )


def _fix(module: Module, call: ast.Call) -> Fix:
    """Give the keyword to the factory, and to those of its name that other branches make in the same way."""
    scope, written = module.scope_of(call), ast.dump(call)
    values = [binding.value for name in assigned_names(module, call) for binding in scope.find(name) or ()]
    same = [value for value in values if isinstance(value, ast.Call) and ast.dump(value) == written]
    edits = (AddKeyword(found, "expire_on_commit", Code("False")) for found in same or [call])
    return unsafe(_STALE, *edits)
