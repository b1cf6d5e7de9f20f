"""Functions that coroutines hand to threads: what becomes a coroutine function is awaited instead."""

from __future__ import annotations

import ast

from flake8_async_sqla.facts.frameworks import THREADS
from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.sessions.spawning import called

_AWAITED = frozenset(
    {
        "anyio.to_thread.run_sync", "asyncio.AbstractEventLoop.run_in_executor", "asyncio.to_thread",
        "starlette.concurrency.run_in_threadpool",
    }
)  # fmt: skip
# What `anyio.to_thread.run_sync` takes for itself.
_OWN = frozenset({"abandon_on_cancel", "cancellable", "limiter"})


def is_offloaded(module: Module, node: ast.AST) -> bool:
    """Tell whether a function is handed to a thread by a call that is awaited: ``await asyncio.to_thread(save, 1)``."""
    call = module.parent(node)
    if not isinstance(call, ast.Call) or not isinstance(module.parent(call), ast.Await):
        return False
    path = called(module, call)
    if path not in _AWAITED or any(isinstance(value, ast.Starred) for value in call.args):
        return False
    position = THREADS[path][0]
    return call.args[position : position + 1] == [node]


def awaited_directly(module: Module, call: ast.Call) -> ReplaceExpression:
    """Return the edit that lets a coroutine call what it handed to a thread.

    Args:
        module: The module.
        call: The call that hands it over.
    """
    path = called(module, call)
    position = THREADS[path][0]
    nodes: dict[str, ast.AST] = {"function": call.args[position]}
    parts: list[str] = []
    for value in call.args[position + 1 :]:
        nodes[f"a{len(parts)}"] = value
        parts.append(f"{{a{len(parts)}}}")
    for keyword in call.keywords:
        if not (path.startswith("anyio.") and keyword.arg in _OWN):
            nodes[f"a{len(parts)}"] = keyword.value
            parts.append(f"{keyword.arg}={{a{len(parts)}}}" if keyword.arg else f"**{{a{len(parts)}}}")
    return ReplaceExpression(call, Code(f"{{function}}({', '.join(parts)})", nodes))
