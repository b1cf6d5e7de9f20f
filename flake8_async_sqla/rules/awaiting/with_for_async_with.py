"""
# with-for-async-with

## What it does
Finds `with` where SQLAlchemy's object wants `async with`: `with factory() as session`, `with engine.begin()`,
`with session.begin()`; and the reverse: `async with session.no_autoflush`, `async with` over an engine, over what a
synchronous engine or session gives, over a result, or over a method whose call is missing. `enter_context()` and
`enter_async_context()` of an exit stack count as well, and so do classes of the project that have `__aenter__()` only
and talk to the database there.

## Why is this bad?
`TypeError: 'AsyncSession' object does not support the context manager protocol` (`AttributeError: __enter__` on
Python 3.10), or `... does not support the asynchronous context manager protocol`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine


    async def ping(engine: AsyncEngine) -> None:
        with engine.begin() as connection:
            await connection.execute(text("SELECT 1"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine


    async def ping(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT 1"))

## Fix safety
Safe: the statement becomes the other one, or the missing call is added; the program cannot run as it is. Refused in a
plain `def`, and where the statement enters several objects that want different things.

## References
- [SQLAlchemy: asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [sqlalchemy/sqlalchemy#10872](https://github.com/sqlalchemy/sqlalchemy/discussions/10872)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import (
    Code,
    Edit,
    Fix,
    MakeAsync,
    MakeSync,
    Refusal,
    RemoveAwait,
    ReplaceExpression,
    safe,
)
from flake8_async_sqla.rules.awaiting.awaits import no_await
from flake8_async_sqla.rules.awaiting.protocols import Entered, entered
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Member

_STACKS = ("contextlib.AsyncExitStack", "contextlib.ExitStack")
_ENTERING = {"enter_context": "sync", "enter_async_context": "async"}


@rule(
    "ASQ306",
    symptom="object does not support the context manager protocol",
    fixable="sometimes",
    names=_ENTERING,
)
def with_for_async_with(statement: ast.With | ast.AsyncWith | ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report objects that are entered with the wrong kind of statement."""
    if isinstance(statement, ast.Call):
        yield from _on_stack(statement, module)
        return
    is_async = isinstance(statement, ast.AsyncWith)
    for item in statement.items:
        found = entered(module, item.context_expr)
        if found is None or found.protocol == ("async" if is_async else "sync") or "both" in found.protocol:
            continue
        protocol = "asynchronous context manager" if is_async else "context manager"
        yield Diagnostic(
            at=item.context_expr,
            message=f"{found.what} does not support the {protocol} protocol (TypeError); {_advice(found)}",
            fix=partial(_fix, module, statement, item.context_expr, found),
        )


def _on_stack(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report what an exit stack enters by the wrong method."""
    method = module.type_of(call.func)
    if not isinstance(method, Member) or not is_a(method.receiver, *_STACKS) or len(call.args) != 1:
        return
    found = entered(module, call.args[0])
    wanted = next(
        (name for name, protocol in _ENTERING.items() if found is not None and protocol == found.protocol), ""
    )
    if found is None or not wanted or wanted == method.name:
        return
    yield Diagnostic(
        at=call,
        message=f"{method.name}() cannot enter {found.what} (TypeError: object does not support the context manager "
        f"protocol); use {'await ' * (found.protocol == 'async')}stack.{wanted}()",
    )


def _advice(found: Entered) -> str:
    if found.advice:
        return found.advice
    return "enter it with 'async with'" if found.protocol == "async" else "enter it with 'with'"


def _fix(module: Module, statement: ast.With | ast.AsyncWith, node: ast.expr, found: Entered) -> Fix | Refusal:
    if found.protocol == "method":
        return _call(node, found, isinstance(statement, ast.AsyncWith))
    if found.protocol == "none":
        return Refusal("it cannot be entered at all")
    others = [entered(module, item.context_expr) for item in statement.items]
    if any(other is None or other.protocol not in (found.protocol, "both") for other in others):
        return Refusal("the statement enters other objects too, which may want the other form")
    if isinstance(statement, ast.AsyncWith):
        return safe(MakeSync(statement))
    if (refused := no_await(module, statement)) is not None:
        return refused
    edits: list[Edit] = [MakeAsync(statement)]
    expressions = [item.context_expr for item in statement.items]
    edits.extend(RemoveAwait(value) for value in expressions if isinstance(value, ast.Await))
    return safe(*edits)


def _call(node: ast.expr, found: Entered, is_async: bool) -> Fix | Refusal:
    if not found.called_fits(is_async):
        return Refusal("what the call gives wants the other form of the statement")
    return safe(ReplaceExpression(node, Code("{method}()", nodes={"method": node})))
