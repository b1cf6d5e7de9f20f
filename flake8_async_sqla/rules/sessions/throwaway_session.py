"""
# throwaway-session

## What it does
Finds a method that is called on a session made in the same expression: `await factory().execute(...)`, `await AsyncSession(engine).commit()`.

## Why is this bad?
Nothing else can reach that session. `commit()`, `flush()` and `rollback()` on it do nothing at all: the changes belong to another session and are lost.
A query takes a connection that nobody gives back: `SAWarning: The garbage collector is trying to clean up non-checked-in connection`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def ping() -> None:
        await factory().execute(text("SELECT 1"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def ping() -> None:
        async with factory() as session:
            await session.execute(text("SELECT 1"))

## Fix safety
Unsafe: the session is closed at the end of the statement. Refused for `commit()`, `flush()`, `rollback()` and `refresh()`, which were meant for another
session, and where the statement cannot be wrapped.

## References
- [SQLAlchemy: opening and closing a session](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#opening-and-closing-a-session)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, WrapStatements, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.calls import ASYNC_SESSION, FACTORIES
from flake8_async_sqla.semantics.classes import is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import MemberCall

_FINE = frozenset({"begin", "close", "aclose", "__aenter__", "sync_session"})
_ELSEWHERE = frozenset({"commit", "flush", "rollback", "refresh"})
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)


@rule("ASQ218", symptom="the changes are lost, or the connection is never given back", fixable="sometimes")
def throwaway_session(member: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report methods of sessions that only one expression can reach."""
    made = member.call.func.value if isinstance(member.call.func, ast.Attribute) else None
    if not isinstance(made, ast.Call) or member.name in _FINE or not is_a(member.receiver, ASYNC_SESSION):
        return
    callee = module.type_of(made.func)
    if not (is_a(callee, *FACTORIES) or is_class(callee, ASYNC_SESSION)):
        return
    what = "nothing was changed in it" if member.name in _ELSEWHERE else "nobody gives its connection back"
    yield Diagnostic(
        at=member.call,
        message=f"{member.name}() on a session that only this expression can reach: {what}; open it with 'async with'",
        fix=partial(_fix, module, member, made),
    )


def _fix(module: Module, member: MemberCall, made: ast.Call) -> Fix | Refusal:
    statement = module.statement(member.call)
    function = module.function(member.call)
    if member.name in _ELSEWHERE:
        return Refusal(f"{member.name}() was meant for the session that holds the changes")
    if not isinstance(statement, _SIMPLE) or not isinstance(function, ast.AsyncFunctionDef):
        return Refusal("the statement cannot be wrapped")
    scope = module.index.scopes[function]
    if "session" in scope.names or "session" in scope.loads:
        return Refusal("the name 'session' is taken")
    header = Code("async with {made} as session:", nodes={"made": made})
    return unsafe(
        "the session is closed at the end of the statement",
        WrapStatements(statement, statement, header),
        ReplaceExpression(made, Code("session")),
    )
