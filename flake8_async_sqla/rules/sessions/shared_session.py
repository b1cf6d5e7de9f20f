"""
# shared-session

## What it does
Finds an `AsyncSession` that is made once and lives as long as the program: in a module global, a class attribute, a
default argument, a cached provider (`@lru_cache`, dependency-injector's `Singleton`, dishka's `Scope.APP`), or an
attribute of an object that is itself made once. A registry (`async_scoped_session`) is not a session and is right.

## Why is this bad?
An `AsyncSession` serves one task at a time. As soon as two requests meet: `InvalidRequestError: This session is
provisioning a new connection; concurrent operations are not permitted`, or `IllegalStateChangeError`; and one request
commits or rolls back what another one wrote.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    db = AsyncSession(engine, expire_on_commit=False)


    async def count_users() -> int:
        return (await db.execute(text("SELECT count(*) FROM users"))).scalar_one()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    db = async_sessionmaker(engine, expire_on_commit=False)


    async def count_users() -> int:
        async with db() as session:
            return (await session.execute(text("SELECT count(*) FROM users"))).scalar_one()

## Fix safety
Unsafe: the factory takes the session's place and each function that used it opens one of its own. Refused where another
file imports the module, where a use is not inside a coroutine, hands the session on or cannot be seen, and where a
function only commits what others wrote.

## References
- [SQLAlchemy: is the AsyncSession safe to share in concurrent tasks?](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#session-faq-threadsafe)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.containers import PROVIDE, SINGLETONS, keeps_session
from flake8_async_sqla.rules.sessions.keeping import keep_factory_of
from flake8_async_sqla.rules.sessions.lifetime import Lifetime, Owner, lifetime
from flake8_async_sqla.rules.sessions.sharing import Read, open_where_used
from flake8_async_sqla.rules.uses import assigned_names, uses
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, argument, made_by
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import SessionCall
from flake8_async_sqla.semantics.types import Function, Instance, ProjectInstance

_ADVICE = "all tasks share it; keep an async_sessionmaker instead and open a session where it is used"


@rule(
    "ASQ207",
    symptom="concurrent operations are not permitted",
    fixable="sometimes",
    names=(*SINGLETONS, PROVIDE, "field"),
    types=(Function,),
)
def shared_session(
    subject: SessionCall | ast.Call | ast.FunctionDef | ast.AsyncFunctionDef, module: Module
) -> Iterator[Diagnostic]:
    """Report sessions that live as long as the program."""
    if not isinstance(subject, SessionCall) and keeps_session(module, subject) and not is_test(module):
        yield Diagnostic(at=subject, message=f"one AsyncSession that the container hands to everyone: {_ADVICE}")
        return
    if isinstance(subject, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    session = _of_function(module, subject) if isinstance(subject, ast.Call) else subject
    if session is None or not is_a(session.made, ASYNC_SESSION) or is_test(module):
        return
    kept = lifetime(module, session.call)
    if kept is not None and not _taken_for_a_factory(module, session.call):
        yield Diagnostic(
            at=session.call,
            message=f"one AsyncSession {kept.where}: {_ADVICE}",
            fix=partial(_fix, module, session, kept),
        )


def _taken_for_a_factory(module: Module, call: ast.Call) -> bool:
    """Tell whether the session is only ever called, which raises before anything can share it."""
    found = list(uses(module, call))
    called = [node for use in found if isinstance(node := module.parent(use), ast.Call) and node.func is use]
    return bool(found) and len(called) == len(found)


def _of_function(module: Module, call: ast.Call) -> SessionCall | None:
    """A call of a function of the project that makes a session, or a dataclass field that makes one by default."""
    if callee(module, call) == "dataclasses.field":
        factory = argument(call, "default_factory")
        given = made_by(module, factory) if factory is not None else None
        return SessionCall(call, given, direct=False) if isinstance(given, (Instance, ProjectInstance)) else None
    if not isinstance(module.type_of(call.func), Function):
        return None
    made = module.type_of(call)
    return SessionCall(call, made, direct=False) if isinstance(made, (Instance, ProjectInstance)) else None


def _fix(module: Module, session: SessionCall, kept: Lifetime) -> Fix | Refusal:
    if importers(module):
        return Refusal("another file imports this module and may use the session")
    if kept.kind == "global":
        names = assigned_names(module, session.call)
        if any(len(module.index.top.names[name]) > 1 for name in names):
            return Refusal("the session's name is assigned in several places")
        return open_where_used(module, keep_factory_of(module, session), list(uses(module, session.call)))
    if kept.owner is not None:
        return _fix_attribute(module, session, kept.owner)
    return Refusal("the session is not kept in a name or attribute of its own")


def _fix_attribute(module: Module, session: SessionCall, owner: Owner) -> Fix | Refusal:
    reads: list[Read] = []
    for scope in module.index.scopes.values():
        for node in scope.nodes:
            if isinstance(node, ast.Attribute) and node.attr == owner.attribute:
                known = owner.is_owner(module.type_of(node.value))
                if known is None or (known and isinstance(node.ctx, ast.Store) and not _makes(module, node, session)):
                    return Refusal(f"what '{ast.unparse(node)}' on line {node.lineno} is cannot be seen")
                if known and isinstance(node.ctx, ast.Load):
                    reads.append(node)
    return open_where_used(module, keep_factory_of(module, session), reads)


def _makes(module: Module, target: ast.Attribute, session: SessionCall) -> bool:
    statement = module.statement(target)
    return isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is session.call
