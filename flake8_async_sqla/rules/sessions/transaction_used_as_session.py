"""
# transaction-used-as-session

## What it does
Finds `tx.execute(...)` where `tx` comes out of `async with session.begin() as tx:` (or `begin_nested()`, or of a
connection): a transaction, asked for what its session or connection has. `factory.begin()` and `engine.begin()` give
a session and a connection, and are right.

## Why is this bad?
`AttributeError: 'AsyncSessionTransaction' object has no attribute 'execute'`, or `'AsyncTransaction'` for a
connection.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def ping() -> int:
        async with factory() as session:
            async with session.begin() as tx:
                return (await tx.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def ping() -> int:
        async with factory() as session:
            async with session.begin():
                return (await session.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Safe: the session's name takes the transaction's place; the program cannot run as it is. Refused where the session has
no plain name in the same function, or may be another one by then.

## References
- [SQLAlchemy: AsyncSessionTransaction](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSessionTransaction)
- [sqlalchemy/sqlalchemy#5796](https://github.com/sqlalchemy/sqlalchemy/issues/5796)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.facts.members import member
from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, ENTERING, SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Instance

_ASYNC_CONNECTION = "sqlalchemy.ext.asyncio.AsyncConnection"
_OWNERS = {
    "sqlalchemy.ext.asyncio.AsyncSessionTransaction": ASYNC_SESSION,
    "sqlalchemy.ext.asyncio.AsyncTransaction": _ASYNC_CONNECTION,
    "sqlalchemy.orm.SessionTransaction": SESSION,
    "sqlalchemy.RootTransaction": "sqlalchemy.Connection",
    "sqlalchemy.NestedTransaction": "sqlalchemy.Connection",
}


@rule(
    "ASQ226",
    symptom="'AsyncSessionTransaction' object has no attribute 'execute'",
    fixable="sometimes",
    types=(Instance,),
)
def transaction_used_as_session(attribute: ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report members of sessions and connections that are asked of their transactions."""
    kind = module.type_of(attribute.value)
    owner = _OWNERS.get(kind.cls) if isinstance(kind, Instance) else None
    if owner is None or not isinstance(kind, Instance) or not isinstance(attribute.ctx, ast.Load):
        return
    versions = module.project.settings.targets
    if any(member(kind.cls, attribute.attr, version) is not None for version in versions):
        return
    if any(member(owner, attribute.attr, version) is not None for version in versions):
        name, has = kind.cls.rpartition(".")[2], owner.rpartition(".")[2]
        yield Diagnostic(
            at=attribute,
            message=f"this is a transaction (AttributeError: '{name}' object has no attribute '{attribute.attr}'); "
            f"use the {has} that began it",
            fix=partial(_fix, module, attribute),
        )


def _fix(module: Module, attribute: ast.Attribute) -> Fix | Refusal:
    if not isinstance(attribute.value, ast.Name):
        return Refusal("the transaction has no plain name")
    scope = module.scope_of(attribute)
    found = scope.lookup(attribute.value.id)
    if found is None or len(found[1]) != 1:
        return Refusal("the transaction's name is bound in several places")
    holder, (binding,) = found
    begin = binding.value.value if isinstance(binding.value, ast.Await) else binding.value
    if isinstance(begin, ast.Call) and getattr(begin.func, "attr", "") in ENTERING and begin.args:
        begin = begin.args[0]
    owner = begin.func.value if isinstance(begin, ast.Call) and isinstance(begin.func, ast.Attribute) else None
    if not isinstance(owner, ast.Name) or not is_a(module.type_of(owner), *_OWNERS.values()):
        return Refusal("what began the transaction has no plain name")
    seen = scope.lookup(owner.id)
    if seen is None or seen != holder.lookup(owner.id) or len(seen[1]) != 1:
        return Refusal("the name of what began the transaction is bound in several places")
    return safe(ReplaceExpression(attribute.value, Code(owner.id)))
