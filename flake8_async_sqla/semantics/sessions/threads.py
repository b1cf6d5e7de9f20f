"""Async sessions and connections that work handed to a thread does IO with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import SYNC_VIEWS, is_shared_type, paired
from flake8_async_sqla.semantics.sessions.spawning import Work, called
from flake8_async_sqla.semantics.types import External, Function

IO = frozenset(
    {
        "commit", "connection", "delete", "exec", "exec_driver_sql", "execute", "flush", "get", "get_one", "merge",
        "query", "refresh", "rollback", "run_sync", "scalar", "scalars", "stream", "stream_scalars",
    }
)  # fmt: skip
_BACK = frozenset({"asyncio.run_coroutine_threadsafe", "anyio.from_thread.run", "anyio.from_thread.run_sync"})
MAX_CALLS = 3


def session_in(module: Module, work: Work) -> tuple[ast.expr, ast.expr] | None:
    """Find the session that work for a thread uses.

    Returns:
        The expression to report, and the one that means the session or connection.
    """
    func = work.func
    if isinstance(func, ast.Attribute) and (session := async_of(module, func.value)) is not None:
        return (func, session) if func.attr in IO else None
    callee = module.type_of(func)
    if isinstance(callee, Function):
        for parameter, value in paired(callee, work.args, work.keywords):
            session = async_of(module, value)
            if session is not None and _does_io(callee, parameter.arg):
                return value, session
        captured = next(_captured(module, callee), None)
        return (func, captured) if captured is not None else None
    builtin = isinstance(func, ast.Name) and module.scope_of(func).lookup(func.id) is None
    if builtin or (isinstance(callee, External) and callee.path.startswith("builtins.")):
        return None
    for value in (*work.args, *(keyword.value for keyword in work.keywords)):
        if (session := async_of(module, value)) is not None:
            return value, session
    return None


def async_of(module: Module, node: ast.expr, depth: int = 4) -> ast.expr | None:
    """Return the AsyncSession or AsyncConnection that an expression is, or is the synchronous side of."""
    if is_shared_type(module.type_of(node)):
        return node
    if isinstance(node, ast.Attribute) and node.attr in SYNC_VIEWS:
        return node.value if is_shared_type(module.type_of(node.value)) else None
    if isinstance(node, ast.Name) and depth:
        found = module.scope_of(node).lookup(node.id)
        bindings = found[1] if found is not None else []
        if len(bindings) == 1 and bindings[0].kind == "value" and not bindings[0].unpack and bindings[0].value:
            return async_of(module, bindings[0].value, depth - 1)
    return None


def _captured(module: Module, callee: Function) -> Iterator[ast.expr]:
    """Yield the sessions of a surrounding function that a nested one does IO with."""
    outer = module.scope_of(callee.node)
    if callee.module != module or outer.kind != "function":
        return
    for call in own_nodes(module, callee.node, ast.Call):
        assert isinstance(call, ast.Call)
        receiver = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr in IO else None
        session = async_of(module, receiver) if receiver is not None else None
        if not isinstance(session, ast.Name) or _goes_back(module, call):
            continue
        found = module.index.scopes[callee.node].lookup(session.id)
        if found is not None and found[0].kind == "function" and found[0].node is not callee.node:
            yield session


def _does_io(function: Function, name: str, depth: int = MAX_CALLS) -> bool:
    """Tell whether a function does IO in its own thread with what one parameter takes."""
    module = function.module
    for call in own_nodes(module, function.node, ast.Call):
        assert isinstance(call, ast.Call)
        func = call.func
        holder = func.value if isinstance(func, ast.Attribute) and func.attr in IO else None
        if isinstance(holder, ast.Attribute) and holder.attr in SYNC_VIEWS:
            holder = holder.value
        if isinstance(holder, ast.Name) and holder.id == name and not _goes_back(module, call):
            return True
        callee = module.type_of(func) if depth > 1 else None
        if isinstance(callee, Function):
            for parameter, value in paired(callee, call.args, call.keywords):
                if isinstance(value, ast.Name) and value.id == name and _does_io(callee, parameter.arg, depth - 1):
                    return True
    return False


def _goes_back(module: Module, call: ast.Call) -> bool:
    """Tell whether a coroutine is given back to the event loop."""
    outer = module.parent(call)
    return isinstance(outer, ast.Call) and called(module, outer) in _BACK
