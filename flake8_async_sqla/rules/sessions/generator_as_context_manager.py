"""
# generator-as-context-manager

## What it does
Finds `async with get_db() as session:` (or `with`, or `stack.enter_async_context(get_db())`) where `get_db` is a
generator that yields a session and has no `@asynccontextmanager`: right as a dependency of FastAPI, no context
manager for anybody else. Also `async with session_scope as session:`, where the function has it, but is not called.

## Why is this bad?
`TypeError: 'async_generator' object does not support the asynchronous context manager protocol`
(`AttributeError: __aenter__` on Python 3.10).

## Example
    from collections.abc import AsyncIterator

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def get_db() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    async def ping() -> int:
        async with get_db() as session:
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def get_db() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    async def ping() -> int:
        async with asynccontextmanager(get_db)() as session:
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Safe: the program cannot run as it is. Refused where `with` and the generator disagree about being asynchronous, and
where the generator is made in another place than the `with` statement.

## References
- [Python: contextlib.asynccontextmanager](https://docs.python.org/3/library/contextlib.html#contextlib.asynccontextmanager)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.providers import generator_name, is_resource
from flake8_async_sqla.semantics.inference.functions import manager_kind
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.subjects import MemberCall
from flake8_async_sqla.semantics.types import Function, Generator, Manager

_ENTER = {"enter_async_context": True, "enter_context": False}
_STACKS = ("contextlib.AsyncExitStack", "contextlib.ExitStack")
_HELPER = {True: "asynccontextmanager", False: "contextmanager"}


@rule(
    "ASQ221",
    symptom="'async_generator' object does not support the asynchronous context manager protocol",
    fixable="sometimes",
)
def generator_as_context_manager(
    subject: ast.With | ast.AsyncWith | MemberCall, module: Module
) -> Iterator[Diagnostic]:
    """Report generators of sessions that are entered as if they were context managers."""
    if isinstance(subject, MemberCall):
        if subject.cls not in _STACKS or subject.name not in _ENTER:
            return
        entered, is_async = subject.call.args[:1], _ENTER[subject.name]
    else:
        entered, is_async = [item.context_expr for item in subject.items], isinstance(subject, ast.AsyncWith)
    for expression in entered:
        kind = module.type_of(expression)
        if isinstance(kind, Function) and (called := _manager(kind)):
            yield Diagnostic(
                at=expression,
                message=f"'{kind.node.name}' is entered without being called (TypeError: '{called}' object does not "
                f"support the {_protocol(is_async)}); call it",
                fix=partial(_call, expression, kind),
            )
        if not isinstance(kind, Generator) or kind.function is None or not is_resource(kind.item):
            continue
        name = kind.function.node.name
        yield Diagnostic(
            at=expression,
            message=f"'{name}' is a plain generator (TypeError: '{generator_name(kind)}' object does not support the "
            f"{_protocol(is_async)}); enter {_HELPER[kind.is_async]}({name})()",
            fix=partial(_fix, expression, kind, is_async),
        )


def _protocol(is_async: bool) -> str:
    return "asynchronous context manager protocol" if is_async else "context manager protocol"


def _manager(function: Function) -> str:
    """Say what a function is that makes context managers around sessions; empty if it makes others, or none."""
    made = function.module.result_of(function) if manager_kind(function.module, function.node) is not None else None
    if not isinstance(made, Manager) or not is_resource(made.result):
        return ""
    return "method" if function.receiver is not None else "function"


def _call(expression: ast.expr, function: Function) -> Fix | Refusal:
    taken = [
        item.arg for item, default in parameters(function.node.args)[function.receiver is not None :] if not default
    ]
    if taken:
        return Refusal(f"what '{taken[0]}' shall be cannot be seen")
    return safe(ReplaceExpression(expression, Code("{function}()", nodes={"function": expression})))


def _fix(expression: ast.expr, kind: Generator, is_async: bool) -> Fix | Refusal:
    if kind.is_async != is_async:
        return Refusal("the generator and the with statement disagree about being asynchronous")
    if not isinstance(expression, ast.Call):
        return Refusal("the generator is made elsewhere")
    helper = f"contextlib.{_HELPER[is_async]}"
    code = Code("{manager}({function})", nodes={"function": expression.func}, symbols={"manager": helper})
    return safe(ReplaceExpression(expression.func, code))
