"""
# commit-after-response

## What it does
Finds a FastAPI dependency that commits after its `yield`, while an endpoint leaves it to that commit to flush new
objects whose table has constraints (`unique=True`, a `ForeignKey`, `UniqueConstraint`, `CheckConstraint`). Reported at
the commit. Endpoints that flush or commit themselves are right, and so are dependencies with `scope="function"`.

## Why is this bad?
FastAPI sends the response first and runs what follows the `yield` then. When the commit fails, the client was told
`201 Created` already, and nothing was saved. (Run on FastAPI 0.105, 0.118 and 0.165; in 0.106 to 0.117 the order is
the other way round.)

## Example
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)
    app = FastAPI()


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(unique=True)


    async def get_session() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session
            await session.commit()


    @app.post("/users/{name}", status_code=201)
    async def create_user(name: str, session: AsyncSession = Depends(get_session)) -> str:
        session.add(User(name=name))
        return name

## Use instead
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)
    app = FastAPI()


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(unique=True)


    async def get_session() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session
            await session.commit()


    @app.post("/users/{name}", status_code=201)
    async def create_user(name: str, session: AsyncSession = Depends(get_session, scope="function")) -> str:
        session.add(User(name=name))
        return name

## Fix safety
There is no fix: `scope="function"`, a `flush()` in the endpoint and a commit there are all right, and it stands in
another place.

## References
- [FastAPI: early exit and scope](https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/#early-exit-and-scope)
- [fastapi/fastapi#3620](https://github.com/fastapi/fastapi/issues/3620)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.files.importers import dependents
from flake8_async_sqla.semantics.inference.functions import is_generator
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.transactions.constraints import constrained
from flake8_async_sqla.semantics.transactions.problems import walks
from flake8_async_sqla.semantics.transactions.providers import has_endpoints
from flake8_async_sqla.semantics.transactions.states import Place, Write


@rule("ASQ706", symptom="the client is told 201 although the commit failed", words=("yield",))
def commit_after_response(node: ast.AsyncFunctionDef, module: Module) -> Iterator[Diagnostic]:
    """Report commits after the ``yield`` of a dependency whose failure nobody would be told."""
    if is_test(module) or not is_generator(module, node):
        return
    if not any(isinstance(inner, ast.Attribute) and inner.attr in ("begin", "commit") for inner in ast.walk(node)):
        return
    for write, commit in _late(module, node):
        at = commit.node
        if isinstance(at, (ast.expr, ast.stmt)):
            line = getattr(write.place.node, "lineno", 0)
            where = f"{write.place.module.relative_path}:{line}" if write.place.module != module else f"line {line}"
            yield Diagnostic(
                at=at,
                message=f"commits after the response was sent: when a constraint refuses what {where} adds, the client "
                'was told that it worked; flush() or commit() in the endpoint, or Depends(..., scope="function")',
            )
            return


def _late(module: Module, node: ast.AsyncFunctionDef) -> Iterator[tuple[Write, Place]]:
    for place in dependents(module):
        if is_test(place) or not has_endpoints(place):
            continue
        for walk in walks(place):
            for write, commit in walk.late:
                home = commit.module.function(commit.node)
                if commit.module == module and home is node and constrained(write.place.module, write.subject):
                    yield write, commit
