"""
# query-on-async-session

## What it does
Finds `query()` on an `AsyncSession` or `async_scoped_session`, and writes out the `select()` that says the same.

## Why is this bad?
`AttributeError: 'AsyncSession' object has no attribute 'query'`. There is no async `Query`: statements are built with
`select()` and run by awaiting the session.

## Example
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class Item(Base):
        __tablename__ = "item"
        id: Mapped[int] = mapped_column(primary_key=True)


    async def newest(session: AsyncSession) -> Item | None:
        return session.query(Item).filter(Item.id > 0).order_by(Item.id.desc()).first()

## Use instead
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class Item(Base):
        __tablename__ = "item"
        id: Mapped[int] = mapped_column(primary_key=True)


    async def newest(session: AsyncSession) -> Item | None:
        return (await session.scalars(select(Item).filter(Item.id > 0).order_by(Item.id.desc()).limit(1))).first()

## Fix safety
Unsafe: chains of `filter()`, `filter_by()`, `order_by()`, `limit()`, `join()` and the like that end in `all()`,
`first()`, `one()`, `one_or_none()`, `get()`, `count()` or `scalar()`, or are iterated, are rewritten in coroutines. A
`Query` removes duplicates that joined eager loading brings; a result does so only when `unique()` is called.

## References
- [SQLAlchemy: migrating ORM usage from Query to select()](https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#migration-20-query-usage)
- [sqlalchemy/sqlalchemy#6215](https://github.com/sqlalchemy/sqlalchemy/discussions/6215)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.chains import Chain, chain_of, replacement, spelled
from flake8_async_sqla.rules.sync_api.objects import SESSION_LIKE, class_name, expects_failure, in_coroutine, lacks
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module

MAX_SHOWN = 140


@rule("ASQ401", symptom="'AsyncSession' object has no attribute 'query'", fixable="sometimes", names=("query",))
def query_on_async_session(attribute: ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report queries on async sessions."""
    if attribute.attr != "query" or not isinstance(attribute.ctx, ast.Load):
        return
    session = module.type_of(attribute.value)
    if not is_a(session, *SESSION_LIKE) or not lacks(session, "query"):
        return
    if expects_failure(module, attribute, "AttributeError"):
        return
    chain = chain_of(module, attribute)
    yield Diagnostic(
        at=attribute,
        message=f"'{class_name(session)}' object has no attribute 'query' (AttributeError); "
        f"{_advice(module, attribute, chain)}",
        fix=partial(_fix, module, chain),
    )


def _advice(module: Module, attribute: ast.Attribute, chain: Chain | None) -> str:
    code = replacement(module, chain) if chain is not None else None
    shown = spelled(code) if code is not None else ""
    if not shown or len(shown) > MAX_SHOWN or "\n" in shown:
        return f"build the statement with select() and run it with 'await {ast.unparse(attribute.value)}.scalars(...)'"
    where = "" if in_coroutine(module, attribute) else " in a coroutine"
    return f"write '{shown}'{where}"


def _fix(module: Module, chain: Chain | None) -> Fix | Refusal:
    if chain is None:
        return Refusal("only simple chains are rewritten")
    if not in_coroutine(module, chain.outer):
        return Refusal("'await' needs a coroutine around it")
    code = replacement(module, chain)
    if code is None:
        return Refusal("what is queried cannot be told")
    return unsafe("a result does not remove duplicates unless unique() is called", ReplaceExpression(chain.outer, code))
