"""
# await-on-sync-member

## What it does
Finds `await` on members of sessions, engines, connections and streamed results that are not coroutines:
`await session.add(user)`, `await session.expire_all()`, `await engine.execution_options(...)`,
`await engine.begin()`, and on the objects themselves: `await create_async_engine(url)`, `await factory()`;
`await session.commit`, where the call is missing; and `asyncio.gather(session.add(user))`,
`asyncio.wait_for(await session.execute(query), 5)`, `asyncio.run(engine.dispose)`. Also finds
`await session.execute(...)` where the session, connection or engine was certainly made as a synchronous one.

## Why is this bad?
`TypeError: object NoneType can't be used in 'await' expression`; Python 3.14 says
`'NoneType' object can't be awaited`. The method itself has run by then. `delete()`,
`merge()`, `refresh()` and `get()` are coroutines; `add()`, `expire()`, `expunge()` and `in_transaction()` are not.
Of a synchronous session nothing is: `TypeError: object ChunkedIteratorResult can't be used in 'await' expression`,
after the query has blocked the event loop.

## Example
    from sqlalchemy.ext.asyncio import AsyncSession


    async def add(session: AsyncSession, item: object) -> None:
        await session.add(item)
        await session.commit()

## Use instead
    from sqlalchemy.ext.asyncio import AsyncSession


    async def add(session: AsyncSession, item: object) -> None:
        session.add(item)
        await session.commit()

## Fix safety
Safe: the await is removed, or the missing call is added; the program cannot run as it is. `begin()` of an engine or
factory is refused: it is entered with `async with`. For a synchronous session it is refused too: the session should
become an `AsyncSession`.

## Options
- `--async-sqla-target`: SQLAlchemy 1.4 takes `await engine.begin()`.

## References
- [SQLAlchemy: AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession)
- [langflow-ai/langflow#10892](https://github.com/langflow-ai/langflow/issues/10892)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.facts.frameworks import TASKS, WAITING
from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, RemoveAwait, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import class_name, kinds
from flake8_async_sqla.semantics.blocking.sync_io import CONNECTION
from flake8_async_sqla.semantics.inference.calls import (
    ASYNC_ENGINE,
    ASYNC_SCOPED_SESSION,
    ASYNC_SESSION,
    ASYNC_SESSIONMAKER,
    ENGINE,
    SESSION,
)
from flake8_async_sqla.semantics.inference.classes import instance_attribute, is_a
from flake8_async_sqla.semantics.inference.infer import callee as path_of
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import last_name
from flake8_async_sqla.semantics.objects.origins import engine_of
from flake8_async_sqla.semantics.sessions.spawning import called
from flake8_async_sqla.semantics.types import UNKNOWN, Instance, Member, ProjectInstance

ASYNC = "sqlalchemy.ext.asyncio."
_AWAITABLE = frozenset({"coroutine", "awaitable_cm"})
_WAITING = TASKS | WAITING | {"asyncio.run", "asyncio.AbstractEventLoop.run_until_complete"}
_BLOCKING = (SESSION, ENGINE, CONNECTION)
_OBJECTS = (ASYNC_ENGINE, ASYNC_SCOPED_SESSION, ASYNC_SESSION, ASYNC_SESSIONMAKER)


@rule(
    "ASQ304",
    symptom="object NoneType can't be used in 'await' expression",
    fixable="sometimes",
    names=("as_completed", "create_task", "ensure_future", "gather", "run", "run_until_complete", "shield", "wait_for"),
)
def await_on_sync_member(node: ast.Await | ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report awaits of what is not awaitable, by the statement or by what waits for coroutines."""
    if isinstance(node, ast.Call):
        yield from _waited_for(module, node)
        return
    found = filter(None, (look(module, node) for look in (_member, _property, _object, _method, _synchronous)))
    if (first := next(found, None)) is None:
        return
    what, advice = first
    yield Diagnostic(
        at=node,
        message=f"{what} (TypeError: object can't be used in 'await' expression); {advice}",
        fix=partial(_fix, module, node, advice),
    )


def _waited_for(module: Module, call: ast.Call) -> Iterator[Diagnostic]:
    """Report what ``gather()``, ``create_task()`` and the like are given and cannot wait for."""
    if last_name(call.func) == "run":
        path = path_of(module, call) if call.args and isinstance(call.args[0], (ast.Attribute, ast.Await)) else ""
    else:
        path = called(module, call)
    if path not in _WAITING or not path.startswith("asyncio."):
        return
    for given in call.args if path == "asyncio.gather" else call.args[:1]:
        value = given.value if isinstance(given, ast.Starred) else given
        value = value.elt if isinstance(value, (ast.GeneratorExp, ast.ListComp)) else value
        if (found := _awaited_before(module, value) or _not_called(module, value)) is not None:
            what, advice = found
            yield Diagnostic(
                at=value,
                message=f"{what}: {path.rpartition('.')[2]}() cannot wait for it (TypeError: a coroutine or an "
                f"awaitable is required); {advice}",
                fix=partial(_fix_waited, value),
            )
            continue
        callee = module.type_of(value.func) if isinstance(value, ast.Call) else UNKNOWN
        if not isinstance(callee, Member) or not _is_async_class(callee.cls) or kinds(module, callee) != {"sync"}:
            continue
        if not _gives_awaitable(callee):
            name, waiting = f"{class_name(callee)}.{callee.name}()", path.rpartition(".")[2]
            yield Diagnostic(
                at=value,
                message=f"{name} is not a coroutine: {waiting}() cannot wait for it (TypeError: a coroutine or an "
                "awaitable is required); call it by itself",
                fix=lambda: Refusal("the call must leave what waits for it"),
            )


def _awaited_before(module: Module, value: ast.expr) -> tuple[str, str] | None:
    """Recognise what is awaited already and gives rows or the like."""
    kind = module.type_of(value) if isinstance(value, ast.Await) and isinstance(value.value, ast.Call) else UNKNOWN
    if not isinstance(kind, Instance) or not kind.cls.startswith("sqlalchemy.") or fact(kind.cls, "__await__"):
        return None
    return f"{ast.unparse(value)} gives a {kind.cls.rpartition('.')[2]}", "remove the await"


def _not_called(module: Module, value: ast.expr) -> tuple[str, str] | None:
    method = module.type_of(value) if isinstance(value, ast.Attribute) else UNKNOWN
    if not isinstance(method, Member) or kinds(module, method) != {"coroutine"}:
        return None
    return f"{class_name(method)}.{method.name} is not called", f"call it: {method.name}()"


def _fix_waited(value: ast.expr) -> Fix:
    if isinstance(value, ast.Await):
        return safe(RemoveAwait(value))
    return safe(ReplaceExpression(value, Code("{method}()", nodes={"method": value})))


def _member(module: Module, node: ast.Await) -> tuple[str, str] | None:
    value = node.value
    callee = module.type_of(value.func) if isinstance(value, ast.Call) else UNKNOWN
    if not isinstance(callee, Member) or not _is_async_class(callee.cls):
        return None
    found = kinds(module, callee)
    if not found or found & _AWAITABLE:
        return None
    name = f"{class_name(callee)}.{callee.name}()"
    if found == {"async_cm"}:
        if isinstance(module.parent(node), ast.withitem):
            return None
        return f"{name} is an async context manager, not a coroutine", "enter it with 'async with'"
    return None if _gives_awaitable(callee) else (f"{name} is not a coroutine", "remove the await")


def _is_async_class(cls: str) -> bool:
    return cls.startswith((ASYNC, "sqlmodel.ext.asyncio."))


def _gives_awaitable(callee: Member) -> bool:
    """Tell whether a plain method returns an object that can be awaited, such as a connection."""
    known = fact(callee.cls, callee.name)
    return known is not None and bool(known.result) and fact(known.result, "__await__") is not None


def _property(module: Module, node: ast.Await) -> tuple[str, str] | None:
    value = node.value
    if not isinstance(value, ast.Attribute):
        return None
    holder = module.type_of(value.value)
    known = fact(holder.cls, value.attr) if isinstance(holder, Instance) and _is_async_class(holder.cls) else None
    if known is None or known.kind not in ("property", "attribute"):
        return None
    if known.result and fact(known.result, "__await__") is not None:
        return None
    assert isinstance(holder, Instance)
    return f"{holder.cls.rpartition('.')[2]}.{value.attr} is a plain attribute", "remove the await"


def _method(module: Module, node: ast.Await) -> tuple[str, str] | None:
    return _not_called(module, node.value)


def _synchronous(module: Module, node: ast.Await) -> tuple[str, str] | None:
    """Recognise methods of synchronous objects that were certainly made here: an annotation alone may be wrong."""
    value = node.value
    if not isinstance(value, ast.Call):
        return None
    callee = module.type_of(value.func)
    if not isinstance(callee, Member) or not is_a(callee.receiver, *_BLOCKING) or not _was_made(callee.receiver):
        return None
    if kinds(module, callee) != {"sync"} or is_a(engine_of(callee.receiver), ASYNC_ENGINE):
        return None
    if any(isinstance(outer, ast.AsyncWith) and _binds(outer, value.func) for outer in module.ancestors(node)):
        return None  # it fails where it is entered
    name = callee.cls.rpartition(".")[2]
    return f"{name}.{callee.name}() is not a coroutine: the {name} is synchronous", f"use an Async{name}"


def _binds(block: ast.AsyncWith, method: ast.expr) -> bool:
    names = {item.optional_vars.id for item in block.items if isinstance(item.optional_vars, ast.Name)}
    return isinstance(method, ast.Attribute) and isinstance(method.value, ast.Name) and method.value.id in names


def _was_made(kind: Instance | ProjectInstance) -> bool:
    """Tell whether the calls that made an object, and the factory or engine that it comes from, can be seen."""
    if kind.origin is None:
        return False
    maker = kind.origin.module.type_of(kind.origin.call.func)
    if isinstance(maker, Member):
        maker = maker.receiver
    return _was_made(maker) if isinstance(maker, (Instance, ProjectInstance)) else maker is not UNKNOWN


def _object(module: Module, node: ast.Await) -> tuple[str, str] | None:
    """Recognise objects that were certainly made here: an annotation alone may be wrong."""
    kind = module.type_of(node.value)
    if not isinstance(kind, (Instance, ProjectInstance)) or kind.origin is None or not is_a(kind, *_OBJECTS):
        return None
    if isinstance(kind, ProjectInstance) and instance_attribute(kind, "__await__") is not UNKNOWN:
        return None
    name = kind.cls.rpartition(".")[2] if isinstance(kind, Instance) else kind.cls.node.name
    return f"{ast.unparse(node.value)} gives an {name}, which is not awaitable", "remove the await"


def _fix(module: Module, node: ast.Await, advice: str) -> Fix | Refusal:
    if advice.startswith("call it"):
        return safe(ReplaceExpression(node.value, Code("{method}()", nodes={"method": node.value})))
    if advice.startswith("use an Async"):
        return Refusal("what it is called on should become asynchronous")
    if advice != "remove the await":
        return Refusal("what it gives must be entered with 'async with'")
    return safe(RemoveAwait(node))
