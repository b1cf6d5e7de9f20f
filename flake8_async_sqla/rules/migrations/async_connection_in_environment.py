"""
# async-connection-in-environment

## What it does
Finds an `AsyncConnection` or `AsyncEngine` that an Alembic `env.py` gives to `context.configure(connection=...)`,
directly or by calling the function that does it (`do_run_migrations(connection)`) without `run_sync()`.

## Why is this bad?
Alembic is synchronous: `ArgumentError: The argument passed to Dialect.has_table() should be a <class
'sqlalchemy.engine.base.Connection'>, got <class 'sqlalchemy.ext.asyncio.engine.AsyncConnection'>`. `run_sync()` hands
the synchronous connection inside to a function, which may then do its IO.

## Example
    import asyncio

    from alembic import context
    from sqlalchemy.ext.asyncio import create_async_engine


    def do_run_migrations(connection):
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()


    async def run_async_migrations():
        connectable = create_async_engine("sqlite+aiosqlite:///app.db")
        async with connectable.connect() as connection:
            do_run_migrations(connection)
        await connectable.dispose()


    asyncio.run(run_async_migrations())

## Use instead
    import asyncio

    from alembic import context
    from sqlalchemy.ext.asyncio import create_async_engine


    def do_run_migrations(connection):
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()


    async def run_async_migrations():
        connectable = create_async_engine("sqlite+aiosqlite:///app.db")
        async with connectable.connect() as connection:
            await connection.run_sync(do_run_migrations)
        await connectable.dispose()


    asyncio.run(run_async_migrations())

## Fix safety
Safe: what is called has failed always. Offered where a coroutine calls a plain function with an `AsyncConnection` as
its only argument.

## References
- [Alembic: using asyncio](https://alembic.sqlalchemy.org/en/latest/cookbook.html#using-asyncio-with-alembic)
- [sqlalchemy/alembic#805](https://github.com/sqlalchemy/alembic/issues/805)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.migrations import is_environment
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import called_function, callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION, paired
from flake8_async_sqla.semantics.types import Function, Instance

_CONFIGURE = "alembic.context.configure"
MAX_CALLS = 3


@rule(
    "ASQ803",
    symptom="ArgumentError: The argument passed to Dialect.has_table() should be",
    fixable="sometimes",
    words=("alembic",),
)
def async_connection_in_environment(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report async connections and engines that reach Alembic's context without ``run_sync()``."""
    if not is_environment(module) or _run_sync_gets(module, call) or _configured_again(module, call):
        return
    for value in _given(module, call, MAX_CALLS):
        if name := _async_class(module, value):
            yield Diagnostic(
                at=value,
                message=f"Alembic cannot use an {name} (ArgumentError); await connection.run_sync() with the function "
                "that configures the context",
                fix=partial(_fix, module, call, name),
            )


def _given(module: Module, call: ast.Call, depth: int) -> Iterator[ast.expr]:
    """Yield the arguments of a call that become the connection of Alembic's context."""
    if callee(module, call) == _CONFIGURE:
        if (value := argument(call, "connection", 0)) is not None:
            yield value
        return
    function = called_function(module, call)
    if function is None or function.module != module or not depth:
        return
    names = set(_handed_on(function, depth - 1))
    for parameter, value in paired(function, call.args, call.keywords):
        if parameter.arg in names:
            yield value


def _handed_on(function: Function, depth: int) -> Iterator[str]:
    for inner in own_nodes(function.module, function.node, ast.Call):
        assert isinstance(inner, ast.Call)
        for value in _given(function.module, inner, depth):
            if isinstance(value, ast.Name) and not _async_class(function.module, value):
                yield value.id


def _run_sync_gets(module: Module, call: ast.Call) -> bool:
    """Tell whether what a call returns is given to ``run_sync()``, which is another rule's."""
    outer = module.parent(call)
    return isinstance(outer, ast.Call) and isinstance(outer.func, ast.Attribute) and outer.func.attr == "run_sync"


def _configured_again(module: Module, call: ast.Call) -> bool:
    """Tell whether ``run_sync()`` runs a function, further down, that gives the context a connection it can use."""
    function = module.function(call)
    if function is None or callee(module, call) != _CONFIGURE:
        return False
    for inner in own_nodes(module, function, ast.Call):
        assert isinstance(inner, ast.Call)
        if isinstance(inner.func, ast.Attribute) and inner.func.attr == "run_sync" and inner.lineno > call.lineno:
            given = module.type_of(inner.args[0]) if inner.args else None
            if isinstance(given, Function) and given.module == module and any(_handed_on(given, MAX_CALLS)):
                return True
    return False


def _async_class(module: Module, value: ast.expr) -> str:
    """Name the class of an async connection or engine; empty for anything else."""
    kind = module.type_of(value)
    if not isinstance(kind, Instance) or not is_a(kind, ASYNC_CONNECTION, ASYNC_ENGINE) or _declared(module, value):
        return ""
    return kind.cls.rpartition(".")[2]


def _declared(module: Module, value: ast.expr) -> bool:
    """Tell whether only the annotation of a plain function's parameter says what a value is."""
    if not isinstance(value, ast.Name) or isinstance(module.function(value), ast.AsyncFunctionDef):
        return False
    found = module.scope_of(value).lookup(value.id)
    return found is not None and any(binding.kind == "parameter" for binding in found[1])


def _fix(module: Module, call: ast.Call, name: str) -> Fix | Refusal:
    function = called_function(module, call)
    plain = function is not None and isinstance(function.node, ast.FunctionDef)
    if not plain or len(call.args) != 1 or call.keywords or name != "AsyncConnection":
        return Refusal("the function must take the connection as its only argument")
    if not isinstance(module.function(call), ast.AsyncFunctionDef):
        return Refusal("the caller is not a coroutine")
    outer = module.parent(call)
    code = Code("await {connection}.run_sync({function})", nodes={"connection": call.args[0], "function": call.func})
    return safe(ReplaceExpression(outer if isinstance(outer, ast.Await) else call, code))
