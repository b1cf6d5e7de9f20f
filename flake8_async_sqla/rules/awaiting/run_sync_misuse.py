"""
# run-sync-misuse

## What it does
Finds what `run_sync()` of a session or connection cannot run: the result of a call instead of the function
(`run_sync(Base.metadata.create_all())`), an `async def` function, also in a `functools.partial()`, a lambda that gives
a coroutine, a function without a parameter, the connection given a second time.

## Why is this bad?
`run_sync(function, *arguments)` calls `function(connection, *arguments)` with the synchronous connection or session.
A call in its place has run before: `TypeError: MetaData.create_all() missing 1 required positional argument: 'bind'`.
Of an `async def` it only makes a coroutine, which nobody awaits: nothing happens.

## Example
    from sqlalchemy import MetaData
    from sqlalchemy.ext.asyncio import AsyncEngine

    metadata = MetaData()


    async def create_tables(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all())

## Use instead
    from sqlalchemy import MetaData
    from sqlalchemy.ext.asyncio import AsyncEngine

    metadata = MetaData()


    async def create_tables(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)

## Fix safety
Safe where the function is called without arguments, or with the connection only, and where the connection is given a
second time: the program cannot run as it is. Elsewhere there is no fix.

## References
- [SQLAlchemy: AsyncConnection.run_sync](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncConnection.run_sync)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, RemoveArgument, ReplaceExpression, safe
from flake8_async_sqla.rules.awaiting.callables import DDL, is_ddl, not_callable, takes_nothing
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import source_of
from flake8_async_sqla.semantics.awaiting.misuse import misuse
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, PARTIAL
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION
from flake8_async_sqla.semantics.objects.origins import behind_partial
from flake8_async_sqla.semantics.subjects import MemberCall
from flake8_async_sqla.semantics.types import Coroutine, Function


@rule("ASQ310", symptom="create_all() missing 1 required positional argument: 'bind'", fixable="sometimes")
def run_sync_misuse(subject: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report what run_sync cannot run."""
    if subject.name != "run_sync" or not is_a(subject.receiver, ASYNC_SESSION, ASYNC_CONNECTION):
        return
    given = subject.call.args[0] if subject.call.args else None
    if given is None or isinstance(given, ast.Starred):
        return
    if (problem := _problem(module, subject, given)) is not None:
        yield Diagnostic(at=given, message=problem)
    elif isinstance(given, ast.Call):
        yield from _called(module, subject, given)
        yield from _bound_again(module, subject, given)
    elif is_ddl(given) and is_a(subject.receiver, ASYNC_CONNECTION):
        yield from _given_again(module, subject, given)


def _called(module: Module, subject: MemberCall, given: ast.Call) -> Iterator[Diagnostic]:
    why = not_callable(module, given)
    if why:
        name = ast.unparse(given.func)
        yield Diagnostic(
            at=given,
            message=f"run_sync() gets what {name}() returns ({why}); pass the function: run_sync({name}, ...)",
            fix=partial(_pass, module, subject, given),
        )


def _pass(module: Module, subject: MemberCall, given: ast.Call) -> Fix | Refusal:
    receiver = subject.call.func.value if isinstance(subject.call.func, ast.Attribute) else None
    values = [*given.args, *(keyword.value for keyword in given.keywords)]
    if isinstance(module.type_of(given), Coroutine):
        return Refusal("the function is asynchronous: run_sync() cannot run it")
    if any(not _is_receiver(value, receiver) for value in values) or len(values) > 1:
        return Refusal("the function is called with arguments")
    return safe(ReplaceExpression(given, Code("{function}", nodes={"function": given.func})))


def _is_receiver(value: ast.expr, receiver: ast.expr | None) -> bool:
    """Tell whether an argument is the object whose ``run_sync`` is called, or its sync counterpart."""
    if isinstance(value, ast.Attribute) and value.attr in ("sync_connection", "sync_session"):
        value = value.value
    return receiver is not None and ast.unparse(value) == ast.unparse(receiver)


def _problem(module: Module, subject: MemberCall, given: ast.expr) -> str | None:
    kind = behind_partial(module.type_of(given))
    if isinstance(kind, Function) and isinstance(kind.node, ast.AsyncFunctionDef):
        if isinstance(module.parent(subject.call), ast.Await) and _awaited_again(module, subject.call):
            return None
        name = kind.node.name
        return f"run_sync() cannot run '{name}': it makes a coroutine that nobody awaits; await it without run_sync"
    gives_coroutine = isinstance(given, ast.Lambda) and source_of(module, given.body) is not None
    if gives_coroutine and not _awaited_again(module, subject.call):
        return "the lambda gives a coroutine that nobody awaits; use the sync object that run_sync() passes to it"
    if takes_nothing(given, kind):
        return "run_sync() passes the sync connection or session first, and the function takes no argument (TypeError)"
    return None


def _awaited_again(module: Module, call: ast.Call) -> bool:
    """Tell whether somebody may await what run_sync returns."""
    outer = module.parent(call)
    return not isinstance(outer, ast.Await) or misuse(module, outer) is None


def _given_again(module: Module, subject: MemberCall, given: ast.expr) -> Iterator[Diagnostic]:
    receiver = subject.call.func.value if isinstance(subject.call.func, ast.Attribute) else None
    again = [value for value in subject.call.args[1:] if _is_receiver(value, receiver)]
    bound = [keyword.value for keyword in subject.call.keywords if keyword.arg == "bind"]
    for value in [*again, *bound]:
        argument = next((item for item in subject.call.keywords if item.value is value), value)
        yield Diagnostic(
            at=value,
            message=f"run_sync() passes the connection to {DDL}: it is given twice (TypeError); remove the argument",
            fix=partial(_drop, subject.call, argument),
        )


def _bound_again(module: Module, subject: MemberCall, given: ast.Call) -> Iterator[Diagnostic]:
    """Report the receiver where ``functools.partial()`` binds it, to a function that has no place left for another."""
    if callee(module, given) != PARTIAL or not given.args:
        return
    function = module.type_of(given.args[0])
    receiver = subject.call.func.value if isinstance(subject.call.func, ast.Attribute) else None
    again = [value for value in given.args[1:] if _is_receiver(value, receiver)]
    if not again or not isinstance(function, Function) or function.node.args.vararg is not None:
        return
    places = len(function.node.args.posonlyargs) + len(function.node.args.args) - (function.receiver is not None)
    if places < len(given.args) + len(subject.call.args) - 1:
        yield Diagnostic(
            at=again[0],
            message=f"run_sync() passes its sync object to '{function.node.name}': it is given twice (TypeError); "
            "remove the argument, and bind those after it by keyword",
        )


def _drop(call: ast.Call, argument: ast.keyword | ast.expr) -> Fix:
    return safe(RemoveArgument(call, argument))
