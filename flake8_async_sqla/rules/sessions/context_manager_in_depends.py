"""
# context-manager-in-depends

## What it does
Finds `Depends(session_scope)` where `session_scope` gives a context manager: a function under `@asynccontextmanager`
or `@contextmanager`, the result of `asynccontextmanager(...)`, or a plain function that returns such a manager for a
parameter declared to be a session. Also in `app.dependency_overrides`.

## Why is this bad?
FastAPI enters generators by itself and wants them undecorated. Current versions fail in every request:
`TypeError: '_AsyncGeneratorContextManager' object is not an async iterator`. Up to 0.115 the manager itself arrives
in place of the session: `AttributeError: '_AsyncGeneratorContextManager' object has no attribute 'execute'`.

## Example
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()


    @asynccontextmanager
    async def session_scope() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    @app.get("/ping")
    async def ping(db: AsyncSession = Depends(session_scope)) -> int:
        return (await db.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()


    async def session_scope() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    @app.get("/ping")
    async def ping(db: AsyncSession = Depends(session_scope)) -> int:
        return (await db.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Safe: the decorator is removed where the function is a dependency only. Refused where it is also used otherwise, where
another file imports its module, and where the manager is made in another way: write an undecorated generator for
`Depends`.

## References
- [FastAPI: dependencies with yield](https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/)
- [fastapi/fastapi#2212](https://github.com/fastapi/fastapi/issues/2212)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, RemoveDecorator, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.dependents import reads_of_dependent, wants_resource
from flake8_async_sqla.rules.sessions.providers import awaited, called_type, managed
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.dependencies import is_depends
from flake8_async_sqla.semantics.frameworks.overrides import overrides
from flake8_async_sqla.semantics.inference.classes import class_attribute
from flake8_async_sqla.semantics.inference.functions import manager_decorator
from flake8_async_sqla.semantics.inference.members import member_call
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import DependsCall
from flake8_async_sqla.semantics.types import Function, Instance, Member, ProjectInstance, Type


@rule(
    "ASQ220", symptom="TypeError: '_AsyncGeneratorContextManager' object is not an async iterator", fixable="sometimes"
)
def context_manager_in_depends(subject: DependsCall | ast.Assign, module: Module) -> Iterator[Diagnostic]:
    """Report dependencies that give a context manager of a session instead of the session."""
    for dependency in overrides(module, subject) if isinstance(subject, ast.Assign) else [subject.dependency]:
        kind = module.type_of(dependency)
        if isinstance(kind, ProjectInstance):
            kind = class_attribute(kind.cls, "__call__", kind)
        given = member_call(kind) if isinstance(kind, Member) else called_type(kind)
        manager = managed(awaited(given)) if given is not None else None
        if manager is None or (isinstance(subject, DependsCall) and _entered(module, subject.call)):
            continue
        if _made_by_contextlib(kind):
            cls, iterator = ("Async", "an async") if manager.is_async else ("", "an")
            symptom = f"TypeError: '_{cls}GeneratorContextManager' object is not {iterator} iterator"
        elif isinstance(subject, DependsCall) and wants_resource(module, subject.call):
            symptom = "AttributeError: it has no attribute 'execute'"
        else:
            continue
        yield Diagnostic(
            at=dependency,
            message=f"{ast.unparse(dependency)} gives FastAPI a context manager, no session ({symptom}); "
            "give it a generator without the decorator",
            fix=partial(_fix, module, kind),
        )


def _made_by_contextlib(kind: Type) -> bool:
    if isinstance(kind, Function):
        return manager_decorator(kind.module, kind.node) is not None
    return isinstance(kind, Instance) and kind.origin is not None


def _entered(module: Module, call: ast.Call) -> bool:
    """Tell whether the dependent enters the manager itself, as FastAPI allowed once."""
    return any(_enters(module.parent(use)) for use in reads_of_dependent(module, call))


def _enters(node: ast.AST | None) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(node, ast.withitem) or (isinstance(called, ast.Attribute) and called.attr.startswith("enter_"))


def _fix(module: Module, kind: Type) -> Fix | Refusal:
    decorator = manager_decorator(kind.module, kind.node) if isinstance(kind, Function) else None
    if decorator is None or not isinstance(kind, Function):
        return Refusal("the context manager is made by something else than a decorator")
    if isinstance(kind.receiver, ProjectInstance):
        return Refusal("the object may be called as a context manager too")
    if kind.module != module or importers(module):
        return Refusal("other files may use the context manager")
    for scope in module.index.scopes.values():
        for use in scope.loads.get(kind.node.name, ()):
            parent = module.parent(use)
            if not (isinstance(parent, ast.Call) and use in parent.args and is_depends(module, parent)):
                return Refusal("the function is used as a context manager too; write a second one for Depends")
    return safe(RemoveDecorator(kind.node, decorator))
