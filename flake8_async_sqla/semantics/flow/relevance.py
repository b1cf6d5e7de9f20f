"""Which functions are worth following: those that may bring mapped objects in, told from the names they call."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics import gate
from flake8_async_sqla.semantics.engine.migrations import runs_loop
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function, FunctionNode

_USING = frozenset(
    {
        "commit", "exec", "execute", "flush", "get", "get_one", "get_one_or_none", "list", "list_and_count", "merge",
        "refresh", "rollback", "scalar", "scalars", "stream", "stream_scalars",
    }
)  # fmt: skip
MAX_DEPTH = 4


def uses_session(module: Module, node: FunctionNode, depth: int = MAX_DEPTH) -> bool:
    """Tell whether a function awaits something that may be a session's method, itself or in what it awaits or runs.

    Args:
        module: The module of the function.
        node: The function.
        depth: How many calls to follow.
    """
    known: dict[FunctionNode, bool] = module.cached("uses a session", dict)
    if node not in known:
        known[node] = False
        if isinstance(node, ast.AsyncFunctionDef):
            known[node] = not gate.on or _uses(module, node, depth)
        else:
            known[node] = "asyncio" in module.text and depth > 0 and _runs(module, node, depth)
    return known[node]


def _uses(module: Module, node: FunctionNode, depth: int) -> bool:
    calls = [item.value for item in own_nodes(module, node, ast.Await) if isinstance(item, ast.Await)]
    calls += [item for call in calls if isinstance(call, ast.Call) for item in call.args]
    funcs = [call.func for call in calls if isinstance(call, ast.Call)]
    if any(isinstance(func, ast.Attribute) and func.attr in _USING for func in funcs):
        return True
    blocks = [item for item in own_nodes(module, node, ast.AsyncWith) if isinstance(item, ast.AsyncWith)]
    managers = [item.context_expr for block in blocks for item in block.items]
    started = [item.func for item in managers if isinstance(item, ast.Call)]
    if any(isinstance(func, ast.Attribute) and func.attr == "begin" for func in started):
        return True
    funcs += started
    loops = [item.iter for item in own_nodes(module, node, ast.AsyncFor) if isinstance(item, ast.AsyncFor)]
    funcs += [item.func for item in loops if isinstance(item, ast.Call)]
    kinds = (module.type_of(func) for func in funcs) if depth else ()
    return any(isinstance(kind, Function) and uses_session(kind.module, kind.node, depth - 1) for kind in kinds)


def _runs(module: Module, node: FunctionNode, depth: int) -> bool:
    """Tell whether a plain function runs such a coroutine in an event loop of its own."""
    calls = [call for call in own_nodes(module, node, ast.Call) if isinstance(call, ast.Call)]
    run = [call.args[0] for call in calls if call.args and runs_coroutine(module, call)]
    kinds = (module.type_of(given.func) for given in run if isinstance(given, ast.Call))
    return any(isinstance(kind, Function) and uses_session(kind.module, kind.node, depth - 1) for kind in kinds)


def runs_coroutine(module: Module, call: ast.Call) -> bool:
    """Tell whether a call is ``asyncio.run()``, or its like, of a call that gives the coroutine."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = bool(call.args) and isinstance(call.args[0], ast.Call)
    return given and name.startswith("run") and runs_loop(module, call)


def suspends(module: Module, node: ast.AST) -> bool:
    """Tell whether something is awaited below a node."""
    known: dict[ast.AST, bool] = module.cached("suspends", dict)
    if node not in known:
        known[node] = any(isinstance(item, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for item in ast.walk(node))
    return known[node]
