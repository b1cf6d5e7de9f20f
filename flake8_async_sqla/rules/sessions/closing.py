"""What becomes of a session where its name is used."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from enum import Enum

from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.order import follows

_CLOSING = frozenset({"__aenter__", "__aexit__", "aclose", "close", "close_all", "invalidate", "remove", "reset"})
_ENDING = frozenset({"commit", "rollback"})
_COLLECTING = frozenset({"append", "add"})


class Fate(Enum):
    """What one use of a session means for its end."""

    CLOSED = "closed"
    ENDED = "ended"
    IDLE = "idle"
    USED = "used"
    RETURNED = "returned"
    YIELDED = "yielded"
    UNKNOWN = "unknown"


def fate(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef, use: ast.Name) -> Fate:
    """Tell what a use of a session means for its end.

    Args:
        module: The module.
        function: The function that makes the session.
        use: A place that reads the session's name.
    """
    parent = module.parent(use)
    if module.function(use) is not function:
        return Fate.UNKNOWN
    if isinstance(parent, ast.Attribute):
        return _member(module, parent)
    if isinstance(parent, ast.withitem):
        return Fate.CLOSED
    if isinstance(parent, ast.Return):
        return Fate.RETURNED
    if isinstance(parent, ast.Yield):
        return Fate.YIELDED
    if isinstance(parent, ast.Call) and use in parent.args and _only_collects(module, parent):
        return Fate.IDLE
    if isinstance(parent, (ast.Compare, ast.If, ast.Assert, ast.UnaryOp)):
        return Fate.IDLE
    return Fate.UNKNOWN


def _member(module: Module, member: ast.Attribute) -> Fate:
    call = module.parent(member)
    if member.attr in _CLOSING or not isinstance(call, ast.Call) or call.func is not member:
        return Fate.CLOSED if member.attr in _CLOSING else Fate.UNKNOWN
    if member.attr in _ENDING:
        return Fate.ENDED
    if member.attr == "begin":
        return Fate.CLOSED
    if (known := fact(ASYNC_SESSION, member.attr)) is not None and known.kind == "sync":
        return Fate.IDLE
    return Fate.UNKNOWN if member.attr == "run_sync" else Fate.USED


def _only_collects(module: Module, call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _COLLECTING:
        return True
    return callee(module, call) in ("builtins.print", "builtins.isinstance", "builtins.type", "builtins.id")


def left_early(
    module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef, fates: Mapping[ast.Name, Fate]
) -> bool:
    """Tell whether a function returns or raises after it has used a session and before it ends its transaction."""
    used = [use for use, kind in fates.items() if kind is Fate.USED]
    ended = [use for use, kind in fates.items() if kind is Fate.ENDED]
    for leaving in own_nodes(module, function, ast.Return, ast.Raise):
        assert isinstance(leaving, (ast.Return, ast.Raise))
        around = list(module.ancestors(leaving))
        tried = [outer for outer in around if isinstance(outer, ast.Try)]
        if any(use.lineno <= leaving.lineno or set(module.ancestors(use)) & set(tried) for use in ended):
            continue
        if isinstance(leaving, ast.Raise) and any(outer.handlers for outer in tried):
            continue
        if any(follows(module, use, leaving) for use in used):
            return True
    return False
