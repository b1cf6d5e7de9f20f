"""
# expire-on-commit-then-read

## What it does
Finds a factory of async sessions that leaves `expire_on_commit` on, while a coroutine reads a column of a mapped object after `await
session.commit()`.

## Why is this bad?
The commit expires all objects of the session. The next read of a column must load it again, which cannot happen outside of an `await`:
`MissingGreenlet: greenlet_spawn has not been called; can't call await_() here. Was IO attempted in an unexpected place?`

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
Unsafe: objects of all sessions of the factory keep what they held at the commit, even where another transaction has changed it since.

## References
- [SQLAlchemy: preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.expired import expired_read
from flake8_async_sqla.semantics.calls import ASYNC_SESSION, argument
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.importers import importers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.origins import factory_of, origin_of
from flake8_async_sqla.semantics.subjects import FactoryCall, SessionCall

_STALE = "objects keep what they held at the commit, even where another transaction has changed it"


@rule("ASQ204", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="always")
def expire_on_commit_then_read(subject: FactoryCall | SessionCall, module: Module) -> Iterator[Diagnostic]:
    """Report factories whose sessions expire objects that are read afterwards."""
    if isinstance(subject, SessionCall) and not subject.direct:
        return
    made = subject.product if isinstance(subject, FactoryCall) else subject.made
    hidden = any(keyword.arg is None for keyword in subject.call.keywords)
    if not is_a(made, ASYNC_SESSION) or hidden or argument(subject.call, "expire_on_commit") is not None:
        return
    origin = module.origin(subject.call)
    for place in [module, *importers(module)]:
        for coroutine in place.index.scopes:
            if not isinstance(coroutine, ast.AsyncFunctionDef):
                continue
            for session, read in expired_read(place, coroutine):
                source = factory_of(session) if isinstance(subject, FactoryCall) else session
                if origin_of(source) == origin:
                    where = f"line {read.lineno}" if place == module else f"{place.relative_path}:{read.lineno}"
                    yield Diagnostic(
                        at=subject.call,
                        message=f"'{ast.unparse(read)}' ({where}) is expired by the commit before it (MissingGreenlet); "
                        "make the sessions with expire_on_commit=False",
                        fix=partial(unsafe, _STALE, AddKeyword(subject.call, "expire_on_commit", Code("False"))),
                    )
                    return
