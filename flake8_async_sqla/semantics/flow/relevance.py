"""Which functions are worth following: those that may bring mapped objects in, told from the names they call."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics import gate
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function, FunctionNode

_USING = frozenset(
    {
        "commit", "exec", "execute", "flush", "get", "get_one", "merge", "refresh", "rollback", "scalar", "scalars",
        "stream", "stream_scalars",
    }
)  # fmt: skip
MAX_DEPTH = 4


def uses_session(module: Module, node: FunctionNode, depth: int = MAX_DEPTH) -> bool:
    """Tell whether a coroutine function awaits something that may be a session's method, itself or in what it awaits.

    Args:
        module: The module of the function.
        node: The function.
        depth: How many calls to follow.
    """
    known: dict[FunctionNode, bool] = module.cached("uses a session", dict)
    if node not in known:
        known[node] = False
        known[node] = isinstance(node, ast.AsyncFunctionDef) and (not gate.on or _uses(module, node, depth))
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
    loops = [item.iter for item in own_nodes(module, node, ast.AsyncFor) if isinstance(item, ast.AsyncFor)]
    funcs += [item.func for item in loops if isinstance(item, ast.Call)]
    kinds = (module.type_of(func) for func in funcs) if depth else ()
    return any(isinstance(kind, Function) and uses_session(kind.module, kind.node, depth - 1) for kind in kinds)


def suspends(module: Module, node: ast.AST) -> bool:
    """Tell whether something is awaited below a node."""
    known: dict[ast.AST, bool] = module.cached("suspends", dict)
    if node not in known:
        known[node] = any(isinstance(item, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for item in ast.walk(node))
    return known[node]
