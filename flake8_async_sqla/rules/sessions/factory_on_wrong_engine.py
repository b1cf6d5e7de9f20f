"""
# factory-on-wrong-engine

## What it does
Finds session factories and sessions whose engine is of the other kind: `sessionmaker()` or `Session()` on an async
engine, `async_sessionmaker()` or `AsyncSession()` on a sync engine or connection, on `engine.sync_engine`, or on a URL
string; `factory.configure(bind=...)` and `binds={...}` too; and a positional session class, `async_sessionmaker(engine,
AsyncSession)`.

## Why is this bad?
A sync session on an async engine fails at its first query (`AsyncContextNotStarted`), and `async with` on it raises
`TypeError: 'Session' object does not support the asynchronous context manager protocol`. An async session on a sync
engine raises `ArgumentError: AsyncEngine expected, got Engine(...)`. Factories take one positional argument only:
`TypeError: async_sessionmaker.__init__() takes from 1 to 2 positional arguments` (1.4's `sessionmaker` took the class
as well). On Python 3.10, `async with` says `AttributeError: __aenter__`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.orm import sessionmaker

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = sessionmaker(engine, expire_on_commit=False)


    async def ping() -> None:
        async with factory() as session:
            await session.execute(text("SELECT 1"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def ping() -> None:
        async with factory() as session:
            await session.execute(text("SELECT 1"))

## Fix safety
Safe where the factory's sessions are used with `async with` or `await` already, where `.sync_engine` is dropped, and
where a session class of an async factory becomes `class_=` or is removed. Unsafe where the uses cannot be seen. A sync
engine under an async session is left to you: the engine is what is wrong.

## References
- [SQLAlchemy: asyncio extension, ORM](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#synopsis-orm)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import (
    AddKeyword,
    Code,
    Fix,
    Refusal,
    RemoveArgument,
    ReplaceExpression,
    ReplaceName,
    safe,
    unsafe,
)
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import used_asynchronously
from flake8_async_sqla.semantics.inference.calls import (
    ASYNC_ENGINE,
    ASYNC_SESSION,
    ASYNC_SESSIONMAKER,
    ENGINE,
    FACTORIES,
    SESSION,
    argument,
)
from flake8_async_sqla.semantics.inference.classes import is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import FactoryCall, MemberCall, SessionCall
from flake8_async_sqla.semantics.types import UNKNOWN, External, Instance, Type

_SYNC_BINDS = {ENGINE: "Engine", "sqlalchemy.Connection": "Connection", "builtins.str": "a string"}
_ASYNC_CLASSES = {SESSION: ASYNC_SESSION, "sqlmodel.orm.session.Session": "sqlmodel.ext.asyncio.session.AsyncSession"}


@rule("ASQ203", symptom="AsyncEngine expected, got Engine", fixable="sometimes")
def factory_on_wrong_engine(subject: FactoryCall | SessionCall | MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report sessions and factories that are bound to an engine of the other kind."""
    if isinstance(subject, FactoryCall) and (found := _class_given(module, subject)) is not None:
        yield found
        return
    made = _made(subject)
    for bind in _binds(subject):
        yield from _wrong(module, subject, made, bind)


def _class_given(module: Module, factory: FactoryCall) -> Diagnostic | None:
    """Check the session class that a factory is given."""
    call = factory.call
    chosen = argument(call, "class_", 1)
    kind = module.type_of(chosen)
    if chosen is None or not is_class(kind, SESSION, ASYNC_SESSION):
        return None
    if factory.is_async and is_class(kind, SESSION):
        return Diagnostic(
            at=chosen,
            message="async_sessionmaker() makes async sessions (AsyncContextNotStarted at a query); remove the class",
            fix=partial(_drop_sync_class, module, call, chosen),
        )
    if chosen not in call.args or module.project.settings.targets == {"1.4"}:
        return None
    keyword = AddKeyword(call, "class_", Code("{cls}", nodes={"cls": chosen}))
    name = "async_sessionmaker" if factory.is_async else "sessionmaker"
    return Diagnostic(
        at=chosen,
        message=f"{name}() takes one positional argument (TypeError); give the session class as 'class_='",
        fix=partial(safe, RemoveArgument(call, chosen), keyword),
    )


def _made(subject: FactoryCall | SessionCall | MemberCall) -> Type:
    """The type of the sessions in question."""
    if isinstance(subject, FactoryCall):
        return subject.product
    if isinstance(subject, SessionCall):
        return subject.made
    receiver = subject.receiver
    if subject.name == "configure" and isinstance(receiver, Instance) and is_a(receiver, *FACTORIES) and receiver.args:
        return receiver.args[0]
    return UNKNOWN


def _binds(subject: FactoryCall | SessionCall | MemberCall) -> Iterator[ast.expr]:
    named = isinstance(subject, MemberCall) or (isinstance(subject, SessionCall) and not subject.direct)
    bind = argument(subject.call, "bind", None if named else 0)
    if bind is not None:
        yield bind
    by_model = argument(subject.call, "binds")
    if isinstance(by_model, ast.Dict):
        yield from by_model.values


def _wrong(
    module: Module, subject: FactoryCall | SessionCall | MemberCall, made: Type, bind: ast.expr
) -> Iterator[Diagnostic]:
    kind = module.type_of(bind)
    if is_a(made, SESSION) and is_a(kind, ASYNC_ENGINE):
        yield Diagnostic(
            at=subject.call,
            message="a sync session cannot use an async engine (AsyncContextNotStarted, TypeError in async with); use "
            + ("AsyncSession()" if isinstance(subject, SessionCall) else "async_sessionmaker()"),
            fix=partial(_to_async, module, subject),
        )
    elif is_a(made, ASYNC_SESSION):
        for path, got in _SYNC_BINDS.items():
            if is_a(kind, path):
                yield Diagnostic(
                    at=bind,
                    message=f"an async session needs an async engine (ArgumentError: AsyncEngine expected, got {got}); "
                    "use create_async_engine()",
                    fix=partial(_drop_sync_side, module, bind),
                )


def _to_async(module: Module, subject: FactoryCall | SessionCall | MemberCall) -> Fix | Refusal:
    call = subject.call
    if isinstance(subject, MemberCall) or (isinstance(subject, SessionCall) and not subject.direct):
        return Refusal("the factory is made elsewhere")
    if isinstance(subject, SessionCall):
        replacement = _async_class(module, call.func)
        if replacement is None:
            return Refusal("the session class is the project's own")
        edit = ReplaceName(call.func, replacement)
        if used_asynchronously(module, call) or _entered_asynchronously(module, call):
            return safe(edit)
        return Refusal("the code that uses the session must become asynchronous as well")
    if "1.4" in module.project.settings.targets:
        return Refusal("SQLAlchemy 1.4 has no async_sessionmaker; use sessionmaker(engine, class_=AsyncSession)")
    if argument(call, "class_", 1) is not None or isinstance(call.func, ast.Subscript):
        return Refusal("the session class must become async too")
    edit = ReplaceName(call.func, ASYNC_SESSIONMAKER)
    if used_asynchronously(module, call):
        return safe(edit)
    return unsafe("the code that uses the sessions must be asynchronous", edit)


def _entered_asynchronously(module: Module, call: ast.Call) -> bool:
    item = module.parent(call)
    return isinstance(item, ast.withitem) and isinstance(module.parent(item), ast.AsyncWith)


def _drop_sync_class(module: Module, call: ast.Call, chosen: ast.expr) -> Fix | Refusal:
    replacement = _async_class(module, chosen)
    keyword = next((keyword for keyword in call.keywords if keyword.value is chosen), None)
    if replacement is None:
        return Refusal("the session class is the project's own")
    if replacement == ASYNC_SESSION:
        return safe(RemoveArgument(call, keyword or chosen))
    if keyword is None:
        code = Code("{cls}", symbols={"cls": replacement})
        return safe(RemoveArgument(call, chosen), AddKeyword(call, "class_", code))
    return safe(ReplaceName(chosen, replacement))


def _async_class(module: Module, cls: ast.expr) -> str | None:
    kind = module.type_of(cls)
    return _ASYNC_CLASSES.get(kind.path) if isinstance(kind, External) and not isinstance(cls, ast.Subscript) else None


def _drop_sync_side(module: Module, bind: ast.expr) -> Fix | Refusal:
    if isinstance(bind, ast.Attribute) and bind.attr in ("sync_engine", "sync_connection"):
        return safe(ReplaceExpression(bind, Code("{bind}", nodes={"bind": bind.value})))
    return Refusal("the engine itself must become async")
