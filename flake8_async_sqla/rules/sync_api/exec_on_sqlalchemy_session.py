"""
# exec-on-sqlalchemy-session

## What it does
Finds `exec()`, which SQLModel's sessions have, on SQLAlchemy's own `AsyncSession`: imported from
`sqlalchemy.ext.asyncio`, or made by a factory without `class_=`. Where the project has SQLModel's async sessions too,
an annotation alone is not believed.

## Why is this bad?
`AttributeError: 'AsyncSession' object has no attribute 'exec'`. Both classes have the same name; only the one of
`sqlmodel.ext.asyncio.session` has `exec()`, and a factory makes SQLAlchemy's unless it is given the other as `class_`.

## Example
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlmodel import select

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def ping() -> int:
        async with factory() as session:
            return (await session.exec(select(1))).one()

## Use instead
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlmodel import select
    from sqlmodel.ext.asyncio.session import AsyncSession

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


    async def ping() -> int:
        async with factory() as session:
            return (await session.exec(select(1))).one()

## Fix safety
Unsafe: the class is chosen where the session is made, for all its users, and SQLModel's session warns of `execute()`.
Refused where another file makes the session.

## References
- [SQLModel: select](https://sqlmodel.tiangolo.com/tutorial/select/)
- [fastapi/sqlmodel#626](https://github.com/fastapi/sqlmodel/issues/626)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Fix, Refusal, ReplaceName, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import SESSION_LIKE, class_name, expects_failure, lacks
from flake8_async_sqla.semantics.files.source import python_files, read_bytes
from flake8_async_sqla.semantics.inference.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION, FACTORIES, argument
from flake8_async_sqla.semantics.inference.classes import is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import factory_of, origin_of
from flake8_async_sqla.semantics.types import UNKNOWN, External, Origin, Type

_SQLMODEL = "sqlmodel.ext.asyncio.session.AsyncSession"


@rule("ASQ408", symptom="'AsyncSession' object has no attribute 'exec'", fixable="sometimes", names=("exec",))
def exec_on_sqlalchemy_session(attribute: ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report ``exec()`` on sessions that are not SQLModel's."""
    if attribute.attr != "exec" or not isinstance(attribute.ctx, ast.Load):
        return
    session = module.type_of(attribute.value)
    if not is_a(session, *SESSION_LIKE) or not lacks(session, "exec"):
        return
    if expects_failure(module, attribute, "AttributeError"):
        return
    made = origin_of(factory_of(session)) or origin_of(session)
    if made is not None or not _has_sessions_of_sqlmodel(module):
        yield Diagnostic(
            at=attribute,
            message=f"'{class_name(session)}' object has no attribute 'exec' (AttributeError); "
            f"{_advice(session, made, module)}",
            fix=partial(_fix, made, module),
        )


def _has_sessions_of_sqlmodel(module: Module) -> bool:
    """Tell whether the project has SQLModel's async sessions, which people annotate as SQLAlchemy's."""
    root = module.project.root
    return bool(module.cached("sessions of sqlmodel", lambda: any(map(_names_sqlmodel, python_files(root)))))


def _names_sqlmodel(path: str) -> bool:
    return b"sqlmodel.ext.asyncio" in (read_bytes(path) or b"")


def _advice(session: Type, made: Origin | None, module: Module) -> str:
    if is_a(session, ASYNC_SCOPED_SESSION):
        return "use execute(), or exec() of the session that calling the registry gives"
    if made is None:
        return f"annotate and make it as {_SQLMODEL}, or use execute()"
    place = f" (line {made.line})" if made.module == module else f" ({made.module.relative_path}:{made.line})"
    what = f"class_={_SQLMODEL}" if factory_of(session) is not UNKNOWN else _SQLMODEL
    return f"make it with {what}{place}, or use execute()"


def _fix(made: Origin | None, module: Module) -> Fix | Refusal:
    if made is None or made.module != module:
        return Refusal("another file makes the session")
    reason = "other users of the session get SQLModel's class too"
    chosen = argument(made.call, "class_") if is_class(module.type_of(made.call.func), *FACTORIES) else made.call.func
    if chosen is None:
        return unsafe(reason, AddKeyword(made.call, "class_", Code("{cls}", symbols={"cls": _SQLMODEL})))
    if module.type_of(chosen) != External(ASYNC_SESSION):
        return Refusal("the session has a class of its own")
    return unsafe(reason, ReplaceName(chosen, _SQLMODEL))
