"""What callers do with the result of a coroutine function, where that is a coroutine again."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, FunctionNode

_RUNNING = ("anyio.", "asyncio.", "inspect.", "trio.")
_DISPLAYS = (ast.Dict, ast.DictComp, ast.List, ast.ListComp, ast.Set, ast.SetComp, ast.Tuple)
MAX_CALLERS = 3


def awaited_once(module: Module, function: FunctionNode, depth: int = MAX_CALLERS) -> bool:
    """Tell whether every visible call of a coroutine function is awaited, and no caller awaits what comes of that.

    Args:
        module: The function's module.
        function: The function.
        depth: How many callers to follow that hand the result on.
    """
    uses = list(uses_of(module, function)) if depth else []
    return bool(uses) and all(_uses_once(place, use, depth - 1) for place, use in uses)


def _uses_once(module: Module, use: ast.expr, depth: int) -> bool:
    call = module.parent(use)
    awaited = module.parent(call) if isinstance(call, ast.Call) and call.func is use else None
    if not isinstance(awaited, ast.Await) or may_run(module, awaited):
        return False
    parent = module.parent(awaited)
    if isinstance(parent, ast.Return):
        caller = module.function(parent)
        return isinstance(caller, ast.AsyncFunctionDef) and awaited_once(module, caller, depth)
    targets = parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return not any(may_run(module, read) for name in names for read in module.reads(name))


def may_run(module: Module, node: ast.expr) -> bool:
    """Tell whether an expression is awaited, or given to what may run a coroutine: ``asyncio.gather()``."""
    parent = module.parent(node)
    while isinstance(parent, (*_DISPLAYS, ast.Starred, ast.keyword, ast.IfExp, ast.BoolOp)):
        parent = module.parent(parent)
    if isinstance(parent, ast.Call):
        kind = module.type_of(parent.func)
        return isinstance(kind, External) and kind.path.startswith(_RUNNING)
    return isinstance(parent, ast.Await)
