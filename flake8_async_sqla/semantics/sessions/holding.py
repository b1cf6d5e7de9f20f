"""Sessions and connections that a coroutine keeps to itself while it waits for something else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.order import follows
from flake8_async_sqla.semantics.objects.constructions import settled
from flake8_async_sqla.semantics.objects.identities import is_shared_type, key_of
from flake8_async_sqla.semantics.objects.identity import Key
from flake8_async_sqla.semantics.sessions.session_uses import uses
from flake8_async_sqla.semantics.types import Function, FunctionNode, Member


def held(module: Module, call: ast.Call) -> Iterator[tuple[ast.Call, Key]]:
    """Yield what is in the middle of a transaction when a call is made.

    Args:
        module: The module of the call.
        call: A call in a coroutine function.

    Yields:
        The last IO before the call, and the session or connection that did it.
    """
    function = module.function(call)
    if not isinstance(function, ast.AsyncFunctionDef):
        return
    working: dict[Key, tuple[ast.Call, Key]] = {}
    for earlier in _before(module, function, call):
        for key, ends in _works(module, earlier):
            if ends:
                working.pop(settled(key) or key, None)
            elif follows(module, earlier, call) and _still_open(module, earlier, call):
                working[settled(key) or key] = earlier, key
    yield from working.values()


def _before(module: Module, function: FunctionNode, call: ast.Call) -> list[ast.Call]:
    calls = [node for node in own_nodes(module, function, ast.Call) if isinstance(node, ast.Call)]
    return sorted((node for node in calls if _end(node) <= (call.lineno, call.col_offset)), key=_end)


def _end(node: ast.Call) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _works(module: Module, call: ast.Call) -> Iterator[tuple[Key, bool]]:
    """Yield the sessions and connections that a call works with, and whether it may end their transactions."""
    found = [use for use in uses(module, call.func, call.args, call.keywords) if use.certain]
    ended = {use.key for use in found if use.ends}
    for use in found:
        yield use.key, use.key in ended
    if not found and not isinstance(module.type_of(call.func), (Function, Member)):
        for value in (*call.args, *(keyword.value for keyword in call.keywords)):
            key = key_of(module, value) if is_shared_type(module.type_of(value)) else None
            if key is not None:
                yield key, True


def _still_open(module: Module, earlier: ast.Call, call: ast.Call) -> bool:
    """Tell whether no block ends between two calls: it might be the session's or its transaction's."""
    around = set(module.ancestors(call))
    return all(
        outer in around for outer in module.ancestors(earlier) if isinstance(outer, (ast.AsyncWith, ast.With, ast.Try))
    )
