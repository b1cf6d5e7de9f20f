"""
# coroutine-function-as-callback

## What it does
Finds coroutine functions that reach the database, SQLAlchemy's own (`session.close`) or the project's, where plain
functions belong: `stack.callback()`, `atexit.register()`, `loop.call_soon()`, `call_later()`, `add_signal_handler()`,
`task.add_done_callback()`, `weakref.finalize()`, `threading.Timer()`, `filter()`, the `key=` of `sorted()`, `min()` and
`max()`, and `map()` whose results are only collected.

## Why is this bad?
They call what they are given and throw away what it gives. Of a coroutine function that is a coroutine that never runs:
nothing is closed, deleted or committed. The only sign is `RuntimeWarning: coroutine 'AsyncSession.close' was never
awaited`.

## Example
    from contextlib import AsyncExitStack

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def ping() -> int:
        async with AsyncExitStack() as stack:
            session = AsyncSession(engine)
            stack.callback(session.close)
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from contextlib import AsyncExitStack

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def ping() -> int:
        async with AsyncExitStack() as stack:
            session = AsyncSession(engine)
            stack.push_async_callback(session.close)
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Fix safety
There is no fix: when and where the work should be done instead is yours to say.

## References
- [Python: AsyncExitStack.push_async_callback()](https://docs.python.org/3/library/contextlib.html#contextlib.AsyncExitStack.push_async_callback)
- [Python: scheduling callbacks](https://docs.python.org/3/library/asyncio-eventloop.html#scheduling-callbacks)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import class_name, kinds, source_of
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import is_generator, transparent
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import behind_partial
from flake8_async_sqla.semantics.sessions.database_io import reaches_database
from flake8_async_sqla.semantics.types import External, Function, Instance, Member

_EACH = "await each before"
_MAIN = "await it where the event loop ends, in main() or in the lifespan"
_TASK = "give it a function that starts a task"
_STACK = "use push_async_callback() of an AsyncExitStack"
_PUSH = "use push_async_exit() or push_async_callback() of an AsyncExitStack"
_TAKING: dict[str, tuple[str, int | None, str]] = {
    "asyncio.AbstractEventLoop.add_signal_handler": ("callback", 1, _TASK),
    "asyncio.AbstractEventLoop.call_at": ("callback", 1, _TASK),
    "asyncio.AbstractEventLoop.call_later": ("callback", 1, _TASK),
    "asyncio.AbstractEventLoop.call_soon": ("callback", 0, _TASK),
    "asyncio.AbstractEventLoop.call_soon_threadsafe": ("callback", 0, _TASK),
    "asyncio.Task.add_done_callback": ("fn", 0, _TASK),
    "atexit.register": ("func", 0, _MAIN),
    "contextlib.AsyncExitStack.callback": ("callback", 0, _STACK),
    "contextlib.AsyncExitStack.push": ("exit", 0, _PUSH),
    "contextlib.ExitStack.callback": ("callback", 0, _STACK),
    "contextlib.ExitStack.push": ("exit", 0, _PUSH),
    "filter": ("function", 0, _EACH),
    "map": ("func", 0, "await each"),
    "max": ("key", None, _EACH),
    "min": ("key", None, _EACH),
    "signal.signal": ("handler", 1, _TASK),
    "sorted": ("key", None, _EACH),
    "threading.Timer": ("function", 1, _TASK),
    "weakref.finalize": ("func", 1, _MAIN),
}
_BUILTINS = frozenset(path for path in _TAKING if "." not in path)
_COLLECTING = frozenset({"all", "any", "deque", "list", "set", "sum", "tuple"})


@rule(
    "ASQ313",
    symptom="coroutine 'AsyncSession.close' was never awaited",
    names=tuple(path.rpartition(".")[2] for path in _TAKING),
)
def coroutine_function_as_callback(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report coroutine functions that somebody calls and nobody awaits."""
    path = _path(module, call)
    if path not in _TAKING or (path == "map" and not _thrown_away(module, call)):
        return
    keyword, position, advice = _TAKING[path]
    given = argument(call, keyword, position)
    name = _coroutine_function(module, given) if given is not None else ""
    if given is not None and name:
        yield Diagnostic(
            at=given,
            message=f"{path.rpartition('.')[2]}() calls the coroutine function {name} and nobody awaits it: nothing "
            f"happens (RuntimeWarning: coroutine was never awaited); {advice}",
        )


def _path(module: Module, call: ast.Call) -> str:
    if isinstance(call.func, ast.Name) and call.func.id in _BUILTINS:
        return call.func.id if module.scope_of(call).lookup(call.func.id) is None else ""
    callee = module.type_of(call.func)
    if isinstance(callee, External):
        return callee.path
    if not isinstance(callee, Member) or not isinstance(callee.receiver, Instance):
        return ""
    cls = callee.receiver.cls
    holder = "asyncio.AbstractEventLoop" if cls.startswith("asyncio.") and cls.endswith("EventLoop") else cls
    return f"{holder}.{callee.name}"


def _thrown_away(module: Module, call: ast.Call) -> bool:
    """Tell whether what ``map()`` gives is a statement, collected or not."""
    parent = module.parent(call)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in _COLLECTING:
        if parent.func.id in ("all", "any", "sum"):
            return True
        parent = module.parent(parent)
    return isinstance(parent, ast.Expr)


def _coroutine_function(module: Module, given: ast.expr) -> str:
    """Name a coroutine function that reaches the database; empty if it is another."""
    if isinstance(given, ast.Lambda):
        source = source_of(module, given.body)
        if source is None or source.starts or source.annotated:
            return ""
        own = source.function is None or reaches_database(source.function)
        return source.name.removesuffix("()") if own else ""
    kind = behind_partial(module.type_of(given))
    if isinstance(kind, Member):
        return f"{class_name(kind)}.{kind.name}" if kinds(module, kind) == {"coroutine"} else ""
    if not isinstance(kind, Function) or not isinstance(kind.node, ast.AsyncFunctionDef):
        return ""
    plain = is_generator(kind.module, kind.node) or not transparent(kind.module, kind.node)
    return kind.node.name if not plain and reaches_database(kind) else ""
