"""
# expire-on-commit-then-read

## What it does
Finds a factory of async sessions that leaves `expire_on_commit` on, while a coroutine reads a column of a mapped object
after `await session.commit()` or after the `async with session.begin()` block that commits. Reported at the factory, in
whichever file the read is; only where nothing between commit and read could have loaded the object again.

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

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.expired import expired_reads
from flake8_async_sqla.semantics.blocking import is_test
from flake8_async_sqla.semantics.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION, argument
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.importers import dependents
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.origins import factory_of, origin_of
from flake8_async_sqla.semantics.subjects import FactoryCall, SessionCall
from flake8_async_sqla.semantics.types import Instance, Origin, ProjectInstance

_STALE = "objects keep what they held at the commit, even where another transaction has changed it"


@rule("ASQ204", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="always")
def expire_on_commit_then_read(subject: FactoryCall | SessionCall, module: Module) -> Iterator[Diagnostic]:
    """Report factories whose sessions expire objects that are read afterwards."""
    if isinstance(subject, SessionCall) and not subject.direct:
        return
    made = subject.product if isinstance(subject, FactoryCall) else subject.made
    if not is_a(made, ASYNC_SESSION) or _chooses(subject.call):
        return
    origin = module.origin(subject.call)
    places = [module] if is_test(module) else dependents(module)
    for place in places:
        for session, read in expired_reads(place):
            if not _comes_from(session, origin, factory=isinstance(subject, FactoryCall)):
                continue
            if any(_changed_later(other, origin) for other in places):
                return
            where = f"line {read.lineno}" if place == module else f"{place.relative_path}:{read.lineno}"
            yield Diagnostic(
                at=subject.call,
                message=f"'{ast.unparse(read)}' ({where}) is expired by the commit before it (MissingGreenlet); "
                "make the sessions with expire_on_commit=False",
                fix=partial(unsafe, _STALE, AddKeyword(subject.call, "expire_on_commit", Code("False"))),
            )
            return


def _chooses(call: ast.Call) -> bool:
    """Tell whether a call says, or may say, what becomes of objects at a commit."""
    return any(keyword.arg in (None, "expire_on_commit") for keyword in call.keywords)


def _comes_from(session: Instance | ProjectInstance, origin: Origin, *, factory: bool) -> bool:
    made = origin_of(session)
    if made is None or not factory:
        return made == origin
    if is_a(session, ASYNC_SCOPED_SESSION):
        return origin_of(made.module.type_of(argument(made.call, "session_factory", 0))) == origin
    return not _chooses(made.call) and origin_of(factory_of(session)) == origin


def _changed_later(module: Module, origin: Origin) -> bool:
    """Tell whether a module configures the factory again, or sets the option on a session."""
    for scope in module.index.scopes.values():
        for node in scope.nodes:
            if not isinstance(node, ast.Attribute):
                continue
            if node.attr == "expire_on_commit" and isinstance(node.ctx, ast.Store):
                return True
            call = module.parent(node) if node.attr == "configure" else None
            if isinstance(call, ast.Call) and _chooses(call) and origin_of(module.type_of(node.value)) == origin:
                return True
    return False
