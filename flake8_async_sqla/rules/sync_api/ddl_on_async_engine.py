"""
# ddl-on-async-engine

## What it does
Finds schema work that is given an async engine, connection or session: `metadata.create_all()`, `drop_all()`,
`reflect()`, `table.create()`, `autoload_with=`, and `session.run_sync(metadata.create_all)`.

## Why is this bad?
Creating and dropping ends in `AttributeError: 'AsyncEngine' object has no attribute '_run_ddl_visitor'`, reflection in
`NoInspectionAvailable: Inspection on an AsyncEngine is currently not supported`. `run_sync()` of a connection gives
the function the synchronous connection that it needs; that of a session gives it a `Session`, which has no
`_run_ddl_visitor` either.

## Example
    from sqlalchemy import Column, Integer, MetaData, Table
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    metadata = MetaData()
    item = Table("item", metadata, Column("id", Integer, primary_key=True))


    async def create_tables() -> None:
        metadata.create_all(engine)

## Use instead
    from sqlalchemy import Column, Integer, MetaData, Table
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    metadata = MetaData()
    item = Table("item", metadata, Column("id", Integer, primary_key=True))


    async def create_tables() -> None:
        async with engine.begin() as conn:
            await conn.run_sync(metadata.create_all)

## Fix safety
Safe: the program fails where the call stands. Refused outside coroutines, and where the call is part of an expression
that needs an engine's connection.

## References
- [SQLAlchemy: synopsis of the asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#synopsis-core)
- [sqlalchemy/sqlalchemy#5974](https://github.com/sqlalchemy/sqlalchemy/discussions/5974)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, ReplaceStatement, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import class_name, expects_failure, in_coroutine, is_async_object
from flake8_async_sqla.rules.sync_api.schema import REFLECTING, ddl_method, ddl_target
from flake8_async_sqla.rules.sync_api.writing import free_name, given, statement_around
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module


@rule(
    "ASQ402",
    symptom="'AsyncEngine' object has no attribute '_run_ddl_visitor'",
    fixable="sometimes",
    names=("run_sync", "create_all", "drop_all", "create", "drop", "reflect", "prepare", "autoload_with"),
)
def ddl_on_async_engine(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report schema work on async objects."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name == "run_sync":
        yield from _run_by_session(call, module)
        return
    target = ddl_target(module, call)
    if target is None or not is_async_object(kind := module.type_of(target)) or expects_failure(module, call):
        return
    parent = module.parent(call)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "run_sync":
        return
    yield Diagnostic(
        at=target,
        message=f"{_happens(call, class_name(kind))}; {_advice(call, target, module)}",
        fix=partial(_fix, call, target, module),
    )


def _happens(call: ast.Call, cls: str) -> str:
    if _makes_table(call) or (isinstance(call.func, ast.Attribute) and call.func.attr in REFLECTING):
        return f"tables cannot be reflected through an {cls} (NoInspectionAvailable)"
    return f"'{cls}' object has no attribute '_run_ddl_visitor' (AttributeError)"


def _makes_table(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr in REFLECTING:
        return False
    return any(keyword.arg == "autoload_with" for keyword in call.keywords)


def _advice(call: ast.Call, target: ast.expr, module: Module) -> str:
    if _makes_table(call) or not isinstance(call.func, ast.Attribute):
        return "make the table in a function that run_sync() of a connection calls"
    method, name = ast.unparse(call.func), ast.unparse(target)
    kind = module.type_of(target)
    if is_a(kind, ASYNC_ENGINE):
        return f"use 'async with {name}.begin() as conn: await conn.run_sync({method})'"
    if is_a(kind, ASYNC_SESSION):
        return f"use 'await (await {name}.connection()).run_sync({method})'"
    return f"use 'await {name}.run_sync({method})'"


def _fix(call: ast.Call, target: ast.expr, module: Module) -> Fix | Refusal:
    if not in_coroutine(module, call):
        return Refusal("'await' needs a coroutine around it")
    if _makes_table(call) or not isinstance(call.func, ast.Attribute):
        return Refusal("the table needs a function of its own")
    if any(keyword.arg == "reflect" for keyword in call.keywords):
        return Refusal("'reflect' went with SQLAlchemy 2.0")
    if call.func.attr == "prepare" and "1.4" in module.project.settings.targets:
        return Refusal("prepare() of SQLAlchemy 1.4 takes its arguments in another order")
    arguments, nodes = given(call, without=target)
    nodes |= {"target": target, "method": call.func}
    run = f"run_sync({', '.join(['{method}', *arguments])})"
    parent = module.parent(call)
    outer = parent if isinstance(parent, ast.Await) else call
    kind = module.type_of(target)
    if is_a(kind, ASYNC_SESSION):
        return safe(ReplaceExpression(outer, Code(f"await (await {{target}}.connection()).{run}", nodes)))
    if not is_a(kind, ASYNC_ENGINE):
        return safe(ReplaceExpression(outer, Code(f"await {{target}}.{run}", nodes)))
    statement = statement_around(module, outer)
    name = free_name(module, call, "conn", "connection")
    if statement is None or not name:
        return Refusal("an engine's connection needs a block of its own")
    header = f"async with {{target}}.{'connect' if call.func.attr in REFLECTING else 'begin'}() as {name}:"
    return safe(ReplaceStatement(statement, Code(f"{header}\n    await {name}.{run}", nodes)))


def _run_by_session(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    assert isinstance(call.func, ast.Attribute)
    function = call.args[0] if call.args else None
    if not isinstance(function, ast.Attribute) or not is_a(module.type_of(call.func.value), ASYNC_SESSION):
        return
    if not ddl_method(module, function) or expects_failure(module, call):
        return
    lacking = "AttributeError: 'Session' object has no attribute '_run_ddl_visitor'"
    happens = "NoInspectionAvailable" if function.attr in REFLECTING else lacking
    session = call.func.value
    yield Diagnostic(
        at=function,
        message=f"run_sync() of a session gives the function a Session ({happens}); "
        f"use 'await (await {ast.unparse(session)}.connection()).run_sync({ast.unparse(function)})'",
        fix=partial(_ask_connection, session, module),
    )


def _ask_connection(session: ast.expr, module: Module) -> Fix | Refusal:
    if not in_coroutine(module, session):
        return Refusal("'await' needs a coroutine around it")
    return safe(ReplaceExpression(session, Code("(await {session}.connection())", {"session": session})))
