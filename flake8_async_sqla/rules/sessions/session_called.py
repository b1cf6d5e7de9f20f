"""
# session-called

## What it does
Finds a session that is called as if it were a factory: `SessionLocal = AsyncSession(engine)`, then
`async with SessionLocal() as session`.

## Why is this bad?
`TypeError: 'AsyncSession' object is not callable`. What was meant is `async_sessionmaker(engine)`, which makes a new
session at each call.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def ping() -> int:
        factory = AsyncSession(engine, expire_on_commit=False)
        async with factory() as session:
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def ping() -> int:
        factory = async_sessionmaker(engine, expire_on_commit=False)
        async with factory() as session:
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Unsafe: the session becomes a factory, where all that the project does with it is to call it. Refused where it is also
used as a session, or made in another file.

## References
- [SQLAlchemy: async_sessionmaker](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.async_sessionmaker)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Edit, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import assigned_names, uses
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.calls import (
    ASYNC_SESSION,
    ASYNC_SESSIONMAKER,
    SESSION,
    SESSIONMAKER,
    SESSIONS,
)
from flake8_async_sqla.semantics.inference.classes import instance_attribute, is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.sessions.constructed import constructed_with
from flake8_async_sqla.semantics.types import UNKNOWN, External, Instance, Origin, ProjectInstance


@rule(
    "ASQ217",
    symptom="TypeError: 'AsyncSession' object is not callable",
    fixable="sometimes",
    types=(Instance, ProjectInstance),
)
def session_called(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report calls of sessions."""
    kind = module.type_of(call.func)
    if not isinstance(kind, (Instance, ProjectInstance)) or not is_a(kind, *SESSIONS):
        return
    if kind.origin is None and not _made_as_session(module, call.func):
        return
    if isinstance(kind, ProjectInstance) and instance_attribute(kind, "__call__") is not UNKNOWN:
        return
    name = kind.cls.rpartition(".")[2] if isinstance(kind, Instance) else kind.cls.node.name
    yield Diagnostic(
        at=call,
        message=f"{ast.unparse(call.func)} is a session, not a factory (TypeError: '{name}' object is not callable); "
        f"make it with {'async_' if is_a(kind, ASYNC_SESSION) else ''}sessionmaker()",
        fix=partial(_fix, module, kind.origin),
    )


def _made_as_session(module: Module, attribute: ast.expr) -> bool:
    """Tell whether an attribute that is annotated as a session is given sessions wherever its object is made."""
    given = constructed_with(module, attribute)
    return bool(given) and all(is_a(kind, *SESSIONS) and getattr(kind, "origin", None) is not None for kind in given)


def _fix(module: Module, origin: Origin | None) -> Fix | Refusal:
    if origin is None:
        return Refusal("the session is made elsewhere")
    made = origin.call
    cls = module.type_of(made.func)
    if origin.module != module or not is_class(cls, *SESSIONS):
        return Refusal("the session is made elsewhere")
    names = assigned_names(module, made)
    parent = module.parent(made)
    if len(names) != 1 or not isinstance(parent, ast.Assign) or len(parent.targets) != 1:
        return Refusal("the session is not simply assigned to a name")
    if not all(isinstance(outer := module.parent(use), ast.Call) and outer.func is use for use in uses(module, made)):
        return Refusal("it is used as a session too")
    if module.scope_of(made).kind == "module" and importers(module):
        return Refusal("another file imports this module and may use the session")
    is_async = is_class(cls, ASYNC_SESSION)
    if is_async and "1.4" in module.project.settings.targets:
        return Refusal("SQLAlchemy 1.4 has no async_sessionmaker")
    symbol = ASYNC_SESSIONMAKER if is_async else SESSIONMAKER
    edits: list[Edit] = [ReplaceExpression(made.func, Code("{factory}", symbols={"factory": symbol}))]
    if cls != External(ASYNC_SESSION if is_async else SESSION):
        edits.append(AddKeyword(made, "class_", Code(ast.unparse(made.func))))
    return unsafe("each call makes a session of its own", *edits)
