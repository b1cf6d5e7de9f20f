"""
# async-listener

## What it does
Finds `async def` functions that are registered as listeners of SQLAlchemy's events.

## Why is this bad?
SQLAlchemy accepts the coroutine function, calls it and throws the coroutine away: its body never runs. The only sign
is `RuntimeWarning: coroutine 'mark' was never awaited`. A listener whose value counts (`retval=True`) fails with
`TypeError: cannot unpack non-iterable coroutine object`.

## Example
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    seen: list[str] = []


    @event.listens_for(Session, "before_flush")
    async def mark(session, flush_context, instances):
        seen.append("flush")

## Use instead
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    seen: list[str] = []


    @event.listens_for(Session, "before_flush")
    def mark(session, flush_context, instances):
        seen.append("flush")

## Fix safety
Unsafe: the listener starts to run. Refused where its body awaits: listeners are synchronous, a driver's coroutine is
run with `dbapi_connection.run_async()`.

## References
- [SQLAlchemy: using events with the asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-events-with-the-asyncio-extension)
- [sqlalchemy/sqlalchemy#8503](https://github.com/sqlalchemy/sqlalchemy/discussions/8503)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, MakeSync, Refusal, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.events import LISTEN, LISTENS_FOR, event_target, sync_attribute, sync_class
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function


@rule(
    "ASQ405",
    symptom="RuntimeWarning: coroutine 'mark' was never awaited",
    fixable="sometimes",
    names=("listen", "listens_for"),
)
def async_listener(subject: ast.AsyncFunctionDef | ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report coroutine functions that listen to events."""
    if isinstance(subject, ast.AsyncFunctionDef):
        registration = _decorating(subject, module)
        if registration is not None and not _refused(registration, module):
            yield _diagnostic(subject, subject, module)
        return
    given = _given(subject, module)
    if given is None or _refused(subject, module):
        return
    function = module.type_of(given)
    if isinstance(function, Function) and isinstance(function.node, ast.AsyncFunctionDef):
        bare = all(_is_listens_for(decorator, function.module) for decorator in function.node.decorator_list)
        if bare and not is_generator(function.module, function.node):
            yield _diagnostic(function.node, given, module)


def _diagnostic(node: ast.AsyncFunctionDef, at: ast.expr | ast.stmt, module: Module) -> Diagnostic:
    return Diagnostic(
        at=at,
        message=f"listener '{node.name}' is 'async def': SQLAlchemy calls it and never awaits it, so its body never "
        "runs; make it a plain 'def'",
        fix=partial(_fix, node, at, module),
    )


def _decorating(node: ast.AsyncFunctionDef, module: Module) -> ast.Call | None:
    """Return the innermost decorator, if it registers the function itself for an event."""
    last = node.decorator_list[-1] if node.decorator_list else None
    return last if isinstance(last, ast.Call) and _is_listens_for(last, module) else None


def _is_listens_for(decorator: ast.expr, module: Module) -> bool:
    return isinstance(decorator, ast.Call) and callee(module, decorator) == LISTENS_FOR


def _given(call: ast.Call, module: Module) -> ast.expr | None:
    """Return the function that a call registers: ``listen(target, name, fn)`` or ``listens_for(target, name)(fn)``."""
    if callee(module, call) == LISTEN:
        return argument(call, "fn", 2)
    return call.args[0] if _is_listens_for(call.func, module) and call.args else None


def _refused(call: ast.Call, module: Module) -> bool:
    """Tell whether the registration fails anyway, because its target is an async object."""
    inner = call.func if isinstance(call.func, ast.Call) else call
    target = event_target(module, inner)
    kind = module.type_of(target)
    return target is None or bool(sync_attribute(kind) or sync_class(kind))


def _fix(node: ast.AsyncFunctionDef, at: ast.expr | ast.stmt, module: Module) -> Fix | Refusal:
    if at is not node:
        return Refusal("the function may be awaited elsewhere")
    if next(own_nodes(module, node, ast.Await, ast.AsyncWith, ast.AsyncFor), None) is not None:
        return Refusal("the listener awaits something")
    scopes = module.index.scopes.values()
    if any(scope.loads.get(node.name) for scope in scopes):
        return Refusal("the function is used elsewhere too")
    return unsafe("the listener starts to run", MakeSync(node))
