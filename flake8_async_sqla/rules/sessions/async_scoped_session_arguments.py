"""
# async-scoped-session-arguments

## What it does
Finds `async_scoped_session()` without a `scopefunc`, with `None`, a called function or the scope of a thread
(`threading.get_ident`) as `scopefunc`, or with an engine or session in the place of the factory.

## Why is this bad?
`TypeError: async_scoped_session.__init__() missing 1 required positional argument: 'scopefunc'`; or `TypeError:
'_asyncio.Task' object is not callable` when the first session is wanted; or `TypeError: 'AsyncEngine' object is not
callable`. With the scope of a thread, all tasks share one session: `InvalidRequestError: This session is provisioning
a new connection; concurrent operations are not permitted`.

## Example
    from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    sessions = async_scoped_session(async_sessionmaker(engine))


    async def clean_up() -> None:
        await sessions.remove()

## Use instead
    from asyncio import current_task

    from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    sessions = async_scoped_session(async_sessionmaker(engine), scopefunc=current_task)


    async def clean_up() -> None:
        await sessions.remove()

## Fix safety
Safe: a missing scope (or `None`) becomes `asyncio.current_task`, and a called one loses its parentheses; the program
cannot run as it is. Unsafe for the scope of a thread: each task gets a session of its own. An engine or session in the
place of the factory is left to you.

## References
- [SQLAlchemy: using asyncio scoped session](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncio-scoped-session)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Fix, ReplaceExpression, safe, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import THREAD_SCOPES, hidden_arguments
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SCOPED_SESSION, ENGINE, SESSIONS, argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import RegistryCall
from flake8_async_sqla.semantics.types import Instance, Type

_TASK = "asyncio.current_task"
_FACTORY = "async_scoped_session() needs a factory"
_VALUES = ("bytes", "int", "str")
_CODE = Code("{task}", symbols={"task": _TASK})


@rule("ASQ214", symptom="missing 1 required positional argument: 'scopefunc'", fixable="sometimes")
def async_scoped_session_arguments(registry: RegistryCall, module: Module) -> Iterator[Diagnostic]:
    """Report registries that cannot make a session."""
    call = registry.call
    if registry.path != ASYNC_SCOPED_SESSION or hidden_arguments(call):
        return
    if registry.factory is None:
        yield Diagnostic(call, f"{_FACTORY} (TypeError: missing argument); give it an async_sessionmaker()")
    elif is_a(module.type_of(registry.factory), ASYNC_ENGINE, ENGINE, *SESSIONS):
        yield Diagnostic(registry.factory, f"{_FACTORY} (TypeError: not callable); give it an async_sessionmaker()")
    scope = argument(call, "scopefunc", 1)
    if scope is None:
        yield Diagnostic(
            at=call,
            message="async_scoped_session() needs a scope (TypeError: missing argument 'scopefunc'); "
            "add scopefunc=asyncio.current_task",
            fix=partial(safe, AddKeyword(call, "scopefunc", _CODE)),
        )
    elif value := _plain_value(module, scope):
        yield Diagnostic(
            at=scope,
            message=f"a scope must be a function (TypeError: '{value}' object is not callable); "
            "pass asyncio.current_task",
            fix=partial(safe, ReplaceExpression(scope, _CODE)) if isinstance(scope, ast.Constant) else None,
        )
    elif _scope_function(module, scope) in THREAD_SCOPES:
        yield Diagnostic(
            at=scope,
            message="all tasks of the event loop run in one thread and share this session "
            "(InvalidRequestError: concurrent operations are not permitted); pass asyncio.current_task",
            fix=partial(unsafe, "each task gets a session of its own", ReplaceExpression(scope, _CODE)),
        )
    elif isinstance(scope, ast.Call) and callee(module, scope) == _TASK:
        yield Diagnostic(
            at=scope,
            message="the scope is called once instead of for each session "
            "(TypeError: '_asyncio.Task' object is not callable); pass the function",
            fix=partial(_pass_function, scope),
        )


def _plain_value(module: Module, scope: ast.expr) -> str:
    """Name the class of a text, a number or None in the place of a function; empty for anything else."""
    if isinstance(scope, ast.Constant):
        return type(scope.value).__name__
    kind = module.type_of(scope)
    return next((name for name in _VALUES if kind == Instance(f"builtins.{name}")), "")


def _scope_function(module: Module, scope: ast.expr) -> Type:
    """Infer what a scope calls, a lambda around it undone."""
    inner = scope.body if isinstance(scope, ast.Lambda) else None
    return module.type_of(inner.func if isinstance(inner, ast.Call) else scope)


def _pass_function(scope: ast.Call) -> Fix:
    return safe(ReplaceExpression(scope, Code("{function}", nodes={"function": scope.func})))
