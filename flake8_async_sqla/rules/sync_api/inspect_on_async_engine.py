"""
# inspect-on-async-engine

## What it does
Finds `inspect()` of an async engine, connection or session, and an `Inspector` that leaves `run_sync()` and is asked
for tables outside it.

## Why is this bad?
`NoInspectionAvailable: Inspection on an AsyncEngine is currently not supported`. An inspector talks to the database
through a synchronous connection: outside `run_sync()` its methods raise `MissingGreenlet`. An
`Inspector.from_engine()` of an async engine can be made, and fails at the first question that it is asked.

## Example
    from sqlalchemy import inspect
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def tables() -> list[str]:
        async with engine.connect() as conn:
            return inspect(conn).get_table_names()

## Use instead
    from sqlalchemy import inspect
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def tables() -> list[str]:
        async with engine.connect() as conn:
            return await conn.run_sync(lambda sync_conn: inspect(sync_conn).get_table_names())

## Fix safety
Safe: the program fails where the call stands. Refused outside coroutines, for engines, whose connection needs a block
of its own, and where the inspector is kept.

## References
- [SQLAlchemy: using the Inspector with AsyncConnection and AsyncEngine](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-the-inspector-to-inspect-schema-objects)
- [sqlalchemy/sqlalchemy#6121](https://github.com/sqlalchemy/sqlalchemy/issues/6121)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import (
    ASYNC_CONNECTION,
    class_name,
    expects_failure,
    in_coroutine,
    is_async_object,
)
from flake8_async_sqla.rules.sync_api.writing import free_name, given
from flake8_async_sqla.rules.uses import uses
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External

INSPECT = "sqlalchemy.inspect"
_INSPECTORS = (
    INSPECT,
    "sqlalchemy.Inspector",
    "sqlalchemy.Inspector.from_engine",
    "sqlalchemy.engine.reflection.Inspector",
    "sqlalchemy.engine.reflection.Inspector.from_engine",
)
_TALKING = ("get_", "has_", "reflect_")


@rule(
    "ASQ403",
    symptom="Inspection on an AsyncEngine is currently not supported",
    fixable="sometimes",
    names=("run_sync", "inspect", "Inspector", "from_engine"),
)
def inspect_on_async_engine(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report inspectors that have no synchronous connection."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "run_sync":
        yield from _kept(call, module)
        return
    subject = argument(call, "subject", 0) or argument(call, "bind")
    if subject is None or not is_async_object(kind := module.type_of(subject)):
        return
    if callee(module, call) not in _INSPECTORS or expects_failure(module, call, "NoInspectionAvailable"):
        return
    connection = ast.unparse(subject) if is_a(kind, ASYNC_CONNECTION) else "conn"
    happens = "raises NoInspectionAvailable" if callee(module, call) == INSPECT else "fails at the first question"
    yield Diagnostic(
        at=call,
        message=f"inspection of an {class_name(kind)} {happens}; "
        f"use 'await {connection}.run_sync(lambda sync_conn: inspect(sync_conn)...)'",
        fix=partial(_fix, call, subject, module),
    )


def _fix(call: ast.Call, subject: ast.expr, module: Module) -> Fix | Refusal:
    if not is_a(module.type_of(subject), ASYNC_CONNECTION):
        return Refusal("a connection needs a block of its own")
    method = module.parent(call)
    outer = module.parent(method) if isinstance(method, ast.Attribute) else None
    if not isinstance(method, ast.Attribute) or not isinstance(outer, ast.Call) or outer.func is not method:
        return Refusal("what is asked of the inspector must happen in run_sync()")
    if not in_coroutine(module, call) or any(isinstance(inner, ast.Await) for inner in ast.walk(outer)):
        return Refusal("the question cannot be asked in a function of its own here")
    name = free_name(module, call, "sync_conn", "sync_connection")
    if not name:
        return Refusal("the names for the synchronous connection are taken")
    arguments, nodes = given(outer, without=outer)
    question = f"{{inspect}}({name}).{method.attr}({', '.join(arguments)})"
    code = Code(f"await {{conn}}.run_sync(lambda {name}: {question})", nodes | {"conn": subject}, {"inspect": INSPECT})
    return safe(ReplaceExpression(outer, code))


def _kept(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report questions to an inspector that ``await conn.run_sync(inspect)`` gave, asked outside ``run_sync()``."""
    assert isinstance(call.func, ast.Attribute)
    if not call.args or not is_a(module.type_of(call.func.value), ASYNC_CONNECTION) or not _gives(call.args[0], module):
        return
    waiting = module.parent(call)
    if not isinstance(waiting, ast.Await):
        return
    for use in (waiting, *uses(module, call)):
        method = module.parent(use)
        outer = module.parent(method) if isinstance(method, ast.Attribute) else None
        if not isinstance(method, ast.Attribute) or not isinstance(outer, ast.Call) or outer.func is not method:
            continue
        if method.attr.startswith(_TALKING) and module.function(use) is module.function(call):
            yield Diagnostic(
                at=method,
                message=f"'{method.attr}()' talks to the database outside run_sync() (MissingGreenlet); "
                "ask the inspector in the function that run_sync() calls",
            )


def _gives(function: ast.expr, module: Module) -> bool:
    """Tell whether a function given to ``run_sync()`` returns an inspector."""
    if isinstance(function, ast.Lambda):
        return isinstance(function.body, ast.Call) and callee(module, function.body) in _INSPECTORS
    return module.type_of(function) == External(INSPECT)
