"""
# depends-called

## What it does
Finds `Depends(get_db())`: the provider of a session is called where FastAPI wants the provider itself. Also in
`Security()`, in `Annotated` aliases and in `app.dependency_overrides`. Calls that give something callable are right
(`Depends(require_role("admin"))`).

## Why is this bad?
The application does not start: `TypeError: <async_generator object get_db at 0x...> is not a callable object`. A
context manager object happens to be callable, so with `@asynccontextmanager` every request is answered with 422 for a
missing query parameter `func` instead.

## Example
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()


    async def get_db() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    @app.get("/ping")
    async def ping(db: AsyncSession = Depends(get_db())) -> int:
        return (await db.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()


    async def get_db() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    @app.get("/ping")
    async def ping(db: AsyncSession = Depends(get_db)) -> int:
        return (await db.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Safe: the call is dropped; the program cannot work as it is. Refused where the call has arguments, and where a session
is made on the spot.

## References
- [FastAPI: first steps with dependencies](https://fastapi.tiangolo.com/tutorial/dependencies/#declare-the-dependency-in-the-dependant)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.providers import generator_name, is_resource
from flake8_async_sqla.semantics.frameworks.overrides import overrides
from flake8_async_sqla.semantics.inference.calls import REGISTRIES
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import DependsCall
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Coroutine,
    Function,
    Generator,
    Instance,
    Manager,
    ProjectInstance,
    Type,
)


@rule(
    "ASQ219",
    symptom="TypeError: <async_generator object get_db at 0x...> is not a callable object",
    fixable="sometimes",
)
def depends_called(subject: DependsCall | ast.Assign, module: Module) -> Iterator[Diagnostic]:
    """Report dependencies that are the result of a call instead of what is called."""
    for dependency in overrides(module, subject) if isinstance(subject, ast.Assign) else [subject.dependency]:
        what = _given(module.type_of(dependency), made_here=isinstance(dependency, ast.Call))
        if what is None:
            continue
        name = f"{ast.unparse(dependency.func)}()" if isinstance(dependency, ast.Call) else ast.unparse(dependency)
        yield Diagnostic(
            at=dependency,
            message=f"{name} gives FastAPI {what}; give it the function itself",
            fix=partial(_fix, module, dependency),
        )


def _given(kind: Type, *, made_here: bool) -> str | None:
    """Say what FastAPI gets and does; ``None`` if it may be callable or is no business of ours."""
    refused = "is not a callable object)"
    if isinstance(kind, Generator) and kind.function is not None and is_resource(kind.item):
        return f"a generator, no function (TypeError: <{generator_name(kind)} object> {refused}"
    if not made_here:
        return None
    if isinstance(kind, Coroutine) and is_resource(kind.result):
        return f"a coroutine, no function (TypeError: <coroutine object> {refused}"
    if isinstance(kind, Manager) and is_resource(kind.result):
        return "a context manager (422: query parameter 'func' is missing)"
    if is_resource(kind) and not is_a(kind, *REGISTRIES) and not _callable(kind):
        return f"an object, no function (TypeError: <{_class_name(kind)} object> {refused}"
    return None


def _callable(kind: Type) -> bool:
    from flake8_async_sqla.semantics.inference.classes import instance_attribute

    return isinstance(kind, ProjectInstance) and instance_attribute(kind, "__call__") is not UNKNOWN


def _class_name(kind: Type) -> str:
    if isinstance(kind, ProjectInstance):
        return kind.cls.node.name
    return kind.cls.rpartition(".")[2] if isinstance(kind, Instance) else ""


def _fix(module: Module, dependency: ast.expr) -> Fix | Refusal:
    if not isinstance(dependency, ast.Call):
        return Refusal("the provider is called elsewhere")
    if dependency.args or dependency.keywords:
        return Refusal("the call has arguments, which FastAPI would not give")
    if not isinstance(module.type_of(dependency.func), (Function, ProjectInstance)):
        return Refusal("it needs a function that opens the session and closes it after the request")
    return safe(ReplaceExpression(dependency, Code("{function}", nodes={"function": dependency.func})))
