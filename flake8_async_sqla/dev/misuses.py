"""Small programs that misuse the asyncio extension, for comparing linters and type checkers."""

from __future__ import annotations

import ast
from typing import NamedTuple

PRELUDE = """\
import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import ForeignKey, create_engine, event, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool, QueuePool


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    team: Mapped["Team"] = relationship(back_populates="members")


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    members: Mapped[list[User]] = relationship(back_populates="team")


app = FastAPI()
engine = create_async_engine("sqlite+aiosqlite:///app.db")
factory = async_sessionmaker(engine, expire_on_commit=False)
sync_engine = create_engine("sqlite:///app.db")
sync_factory = sessionmaker(sync_engine)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with factory() as session:
        yield session


async def get_connection() -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as connection:
        yield connection


def get_sync_session() -> Iterator[Session]:
    with sync_factory() as session:
        yield session


class Users:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def save(self) -> None:
        await self.session.commit()


def count(session: Session) -> Any:
    return session.scalar(text("SELECT count(*) FROM users"))


async def work(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))


"""
HEADER = """\
@app.get("/")
async def use(
    session: AsyncSession = Depends(get_session),
    connection: AsyncConnection = Depends(get_connection),
    sync_session: Session = Depends(get_sync_session),
) -> Any:
"""


class Misuse(NamedTuple):
    """One mis-use.

    Attributes:
        title: What the table calls it.
        code: The body of an endpoint with ``session``, ``connection`` and ``sync_session``; with ``whole``, a module's.
        whole: Whether ``code`` stands at the top level.
    """

    title: str
    code: str
    whole: bool = False

    def program(self) -> str:
        """Write the annotated program."""
        if self.whole:
            return f"{PRELUDE}{self.code}\n"
        return PRELUDE + HEADER + "".join(f"    {line}\n" for line in self.code.splitlines())


def top(title: str, code: str) -> Misuse:
    """Describe a mis-use at the top level of a module."""
    return Misuse(title, code, whole=True)


class _Stripper(ast.NodeTransformer):
    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)


def unannotated(program: str) -> str:
    """Take the annotations of parameters and results out of a program."""
    return ast.unparse(_Stripper().visit(ast.parse(program))) + "\n"


ENGINES = (
    top("sync driver in create_async_engine()", 'create_async_engine("postgresql+psycopg2://app@db/app")'),
    top("async driver in create_engine()", 'create_engine("postgresql+asyncpg://app@db/app")'),
    top("poolclass=QueuePool", 'create_async_engine("postgresql+asyncpg://app@db/app", poolclass=QueuePool)'),
    top(
        "NullPool with pool_size",
        'create_async_engine("postgresql+asyncpg://app@db/app", poolclass=NullPool, pool_size=5)',
    ),
    top("misspelt engine keyword", 'create_async_engine("postgresql+asyncpg://app@db/app", pool_class=NullPool)'),
    top(
        "driver argument that asyncpg refuses",
        'create_async_engine("postgresql+asyncpg://app@db/app", connect_args={"sslmode": "require"})',
    ),
    top(
        "sync engine, used in a coroutine",
        "async def read() -> Any:\n    with sync_engine.connect() as c:\n        pass",
    ),
)
SESSIONS = (
    top("misspelt factory keyword", "async_sessionmaker(engine, expire_oncommit=False)"),
    top("async_sessionmaker() on a sync engine", "async_sessionmaker(sync_engine)"),
    top("AsyncSession() on a sync engine", "AsyncSession(sync_engine)"),
    top("sessionmaker() on an async engine", "sessionmaker(engine)"),
    top("async_sessionmaker(class_=Session)", "async_sessionmaker(engine, class_=Session)"),
    top("scoped_session() of an async factory", "scoped_session(factory)"),
    top("async_scoped_session() without scopefunc", "async_scoped_session(factory)"),
    top(
        "session at module level",
        "shared = factory()\n\n\nasync def read() -> Any:\n    return await shared.get(User, 1)",
    ),
    top("session on app.state", "async def start() -> None:\n    app.state.session = factory()"),
    top(
        "-> AsyncSession on a generator",
        "async def provide() -> AsyncSession:\n    async with factory() as session:\n        yield session",
    ),
    Misuse("factory not called", "async with factory as s:\n    pass"),
    Misuse("session called", "await session().commit()"),
    Misuse("one session in gather()", "await asyncio.gather(work(session), work(session))"),
    Misuse("request's session in create_task()", "asyncio.create_task(work(session))"),
    Misuse("session never closed", "s = factory()\nawait s.execute(text('SELECT 1'))"),
    Misuse("session used after its block", "async with factory() as s:\n    pass\nawait s.execute(text('SELECT 1'))"),
    Misuse(
        "attribute read after commit, expire_on_commit on",
        "async with AsyncSession(engine) as s:\n"
        "    user = (await s.scalars(select(User))).one()\n"
        "    await s.commit()\n"
        "    return user.name",
    ),
    Misuse("dependency called like a function", "s = get_session()\nawait s.commit()"),
)
AWAITING = (
    Misuse("commit() not awaited", "session.commit()"),
    Misuse("execute() not awaited", "session.execute(text('SELECT 1'))"),
    Misuse("refresh() not awaited", "session.refresh(User())"),
    Misuse("dispose() not awaited", "engine.dispose()"),
    Misuse("run_sync() not awaited", "connection.run_sync(Base.metadata.create_all)"),
    Misuse("repository's coroutine not awaited", "Users(session).save()"),
    Misuse("coroutine assigned, never awaited", "done = session.commit()"),
    Misuse("begin() alone", "session.begin()"),
    Misuse("begin_nested() alone", "session.begin_nested()"),
    Misuse("stream() alone", "connection.stream(text('SELECT 1'))"),
    Misuse("(await execute) binds too late", "await session.execute(text('SELECT 1')).scalars()"),
    Misuse("attribute of a coroutine", "return session.get(User, 1).name"),
    Misuse("coroutine tested", "if not session.get(User, 1):\n    return None"),
    Misuse("coroutine compared", "return session.scalar(text('SELECT 1')) == 1"),
    Misuse("for over a coroutine", "for user in session.scalars(select(User)):\n    print(user)"),
    Misuse("await add()", "await session.add(User())\nawait session.commit()"),
    Misuse("await result.all()", "result = await session.execute(select(User))\nawait result.all()"),
    Misuse("with session", "with factory() as s:\n    pass"),
    Misuse("with engine.begin()", "with engine.begin() as c:\n    pass"),
    Misuse("async with await engine.connect()", "async with await engine.connect() as c:\n    pass"),
    Misuse("async for over execute()", "async for row in await session.execute(select(User)):\n    print(row)"),
    Misuse("for over stream()", "for row in await session.stream(select(User)):\n    print(row)"),
    Misuse("run_sync() of a call", "await connection.run_sync(Base.metadata.create_all(connection))"),
    Misuse("run_sync() of a coroutine function", "await session.run_sync(lambda s: work(session))"),
)
SYNC_API = (
    Misuse("query()", "return session.query(User)"),
    Misuse("member that does not exist", "session.bulk_save_objects([User()])"),
    Misuse("AsyncEngine.execute()", "await engine.execute(text('SELECT 1'))"),
    Misuse("create_all(async engine)", "Base.metadata.create_all(engine)"),
    Misuse("inspect(async engine)", "inspect(engine)"),
    top(
        "event listener on an async engine",
        '@event.listens_for(engine, "connect")\ndef listen(raw: Any, record: Any) -> None: ...',
    ),
    top(
        "async def event listener",
        '@event.listens_for(engine.sync_engine, "connect")\nasync def listen(raw: Any, record: Any) -> None: ...',
    ),
    Misuse("plain string as SQL", 'await session.execute("SELECT 1")'),
    Misuse("IO through sync_session", "session.sync_session.commit()"),
    Misuse("contextlib.closing()", "with closing(session) as s:\n    print(s)"),
    Misuse("yield_per with execute()", "await session.execute(select(User).execution_options(yield_per=9))"),
)
IMPLICIT_IO = (
    Misuse(
        "lazy relationship read",
        "teams = (await session.scalars(select(Team))).all()\nreturn [team.members for team in teams]",
    ),
    Misuse(
        "relationship of a new object read",
        "team = Team()\nsession.add(team)\nawait session.commit()\nreturn team.members",
    ),
    Misuse(
        "append() to a collection that is not loaded",
        "team = (await session.scalars(select(Team))).one()\nteam.members.append(User())\nawait session.commit()",
    ),
    Misuse(
        "attribute read after rollback()",
        "user = (await session.scalars(select(User))).one()\nawait session.rollback()\nreturn user.name",
    ),
    Misuse(
        "attribute read after the session's block",
        "async with factory() as s:\n    team = (await s.scalars(select(Team))).one()\nreturn team.members",
    ),
)
BLOCKING = (
    Misuse("sync session in a coroutine", "sync_session.commit()"),
    Misuse("query of a sync session in a coroutine", "return sync_session.query(User).all()"),
    Misuse("sync helper in a coroutine", "return count(sync_session)"),
    Misuse("sync engine in a coroutine", "with sync_engine.begin() as c:\n    print(c)"),
)
TRANSACTIONS = (
    Misuse(
        "commit() inside begin()", "async with session.begin():\n    await session.commit()\n    session.add(User())"
    ),
    Misuse("begin() after a query", "await session.get(User, 1)\nasync with session.begin():\n    session.add(User())"),
    Misuse("insert without commit", "async with factory() as s:\n    s.add(User())\n    await s.flush()"),
)
FAMILIES: dict[str, tuple[Misuse, ...]] = {
    "Engines (ASQ1xx)": ENGINES,
    "Sessions (ASQ2xx)": SESSIONS,
    "Awaiting (ASQ3xx)": AWAITING,
    "Synchronous API (ASQ4xx)": SYNC_API,
    "Implicit IO (ASQ5xx)": IMPLICIT_IO,
    "Blocking (ASQ6xx)": BLOCKING,
    "Transactions (ASQ7xx)": TRANSACTIONS,
}
RIGHT = Misuse(
    "correct code (control)",
    "user = await session.get(User, 1)\n"
    "async with session.begin_nested():\n"
    "    session.add(User())\n"
    "await session.commit()\n"
    "await asyncio.to_thread(count, sync_session)\n"
    "return user",
)
