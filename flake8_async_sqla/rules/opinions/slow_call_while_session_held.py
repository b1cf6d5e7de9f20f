"""
# slow-call-while-session-held

## What it does
Finds calls over the network and sleeps that a coroutine waits for while a session or connection that it has worked with
still holds its connection. An opinion: off until it is selected.

## Why is this bad?
A session takes a connection from the pool with its first query and gives it back when it commits, rolls back or is
closed. A coroutine that waits for a language model or a payment service in between keeps the connection all that
time, idle in a transaction. A few such requests are enough to hold the whole pool: all others end with
`TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out`.

## Example
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine(
        "sqlite+aiosqlite:///app.db", pool_size=1, max_overflow=0, pool_timeout=0.5
    )
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def quote() -> int:
        async with factory() as session:
            price = await session.scalar(text("SELECT 40"))
            await asyncio.sleep(2)  # a service that takes its time
            return price + 2

## Use instead
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine(
        "sqlite+aiosqlite:///app.db", pool_size=1, max_overflow=0, pool_timeout=0.5
    )
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def quote() -> int:
        async with factory() as session:
            price = await session.scalar(text("SELECT 40"))
        await asyncio.sleep(2)  # a service that takes its time
        return price + 2

## Fix safety
There is no fix: what belongs to one transaction is for the author to say.

## References
- [SQLAlchemy: connection pooling](https://docs.sqlalchemy.org/en/20/core/pooling.html)
- [IBM/mcp-context-forge#2518](https://github.com/IBM/mcp-context-forge/issues/2518)
- [prebid/salesagent#2052](https://github.com/prebid/salesagent/issues/2052)
- [mozilla-ai/otari#911](https://github.com/mozilla-ai/otari/issues/911)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identity import described
from flake8_async_sqla.semantics.sessions.holding import held
from flake8_async_sqla.semantics.types import Instance

_SLEEPS = frozenset({"asyncio.sleep", "anyio.sleep", "asyncio.tasks.sleep"})
_FUNCTIONS = frozenset({"aiosmtplib.send", "litellm.acompletion", "aiohttp.request"})
_CLIENTS = (
    "aiobotocore.", "aiohttp.", "aiosmtplib.", "anthropic.Async", "grpc.aio.", "httpx.Async", "mistralai.",
    "ollama.Async", "openai.Async",
)  # fmt: skip
_QUICK = frozenset({"aclose", "close", "__aenter__", "__aexit__"})


@rule("ASQ905", symptom="QueuePool limit of size 5 overflow 10 reached, connection timed out")
def slow_call_while_session_held(node: ast.Await | ast.AsyncWith, module: Module) -> Iterator[Diagnostic]:
    """Report slow calls that a coroutine waits for while it keeps a connection from others."""
    waited = [node.value] if isinstance(node, ast.Await) else [item.context_expr for item in node.items]
    for call in waited:
        if isinstance(call, ast.Call) and _is_slow(module, call):
            for use, key in held(module, call):
                yield Diagnostic(
                    at=call,
                    message=f"'{described(key)}' keeps the connection of line {use.lineno} from others while this is "
                    "waited for (TimeoutError: QueuePool limit reached); end its transaction or block first",
                )


def _is_slow(module: Module, call: ast.Call) -> bool:
    path = callee(module, call)
    if path in _SLEEPS:
        delay = argument(call, "delay", 0)
        return not (isinstance(delay, ast.Constant) and isinstance(delay.value, (int, float)) and delay.value <= 0)
    if path in _FUNCTIONS:
        return True
    if not isinstance(call.func, ast.Attribute) or call.func.attr in _QUICK:
        return False
    client: ast.expr = call.func.value
    while isinstance(client, ast.Attribute) and not isinstance(module.type_of(client), Instance):
        client = client.value
    kind = module.type_of(client)
    return isinstance(kind, Instance) and kind.cls.startswith(_CLIENTS)
