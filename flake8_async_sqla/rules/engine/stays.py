"""Whether an engine stays inside the function that makes it."""

from __future__ import annotations

import ast

from flake8_async_sqla.rules.uses import uses
from flake8_async_sqla.semantics.frameworks.callers import handles_requests
from flake8_async_sqla.semantics.inference.functions import transparent
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Function, FunctionNode

_CACHES = frozenset({"functools.lru_cache", "functools.cache", "functools.cached_property"})
_COLLECTING = frozenset({"append", "add"})
_SHOWING = frozenset({"info", "debug"})


def stays_inside(module: Module, call: ast.Call, function: FunctionNode) -> bool:
    """Tell whether nothing keeps an engine but the function that makes it, its caller, or a collection of all engines.

    Args:
        module: The module of the call.
        call: The call that makes the engine.
        function: The function around it.
    """
    if not (transparent(module, function) or handles_requests(module, function)) or any(
        _caches(module, decorator) for decorator in function.decorator_list
    ):
        return False
    if not _harmless(module, call, function):
        return False
    return all(_harmless(module, use, function) for use in uses(module, call))


def collector(module: Module, node: ast.expr) -> ast.Call | None:
    """Return the call that appends an engine to a collection, where the engine is its argument."""
    call = module.parent(node)
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _COLLECTING:
        return call
    return None


def _caches(module: Module, decorator: ast.expr) -> bool:
    kind = module.type_of(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return isinstance(kind, External) and kind.path in _CACHES


def _harmless(module: Module, node: ast.expr, function: FunctionNode) -> bool:
    """Tell whether a place that has the engine does not keep it for longer."""
    parent = module.parent(node)
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        scope = module.scope_of(node)
        return all(isinstance(target, ast.Name) and target.id not in scope.foreign for target in targets)
    if isinstance(parent, ast.keyword):
        parent = module.parent(parent)
    if isinstance(parent, ast.Attribute):
        return parent.attr != "dispose"
    if isinstance(parent, ast.Call) and parent.func is not node:
        if isinstance(parent.func, ast.Attribute) and parent.func.attr in _COLLECTING | _SHOWING:
            return True
        if not callee(module, parent).startswith(("sqlalchemy.", "sqlmodel.")):
            return False
        return _harmless(module, parent, function) and all(
            _harmless(module, use, function) for use in uses(module, parent)
        )
    if isinstance(parent, ast.Call):
        return True
    if isinstance(parent, (ast.Return, ast.Yield, ast.Expr, ast.Await, ast.withitem)):
        return True
    return isinstance(parent, ast.FormattedValue)


def stays_in_module(module: Module, call: ast.Call) -> bool:
    """Tell whether an engine is given to nothing but SQLAlchemy and functions of the same module."""
    return all(_known(module, place) for place in (call, *uses(module, call)))


def _known(module: Module, node: ast.expr) -> bool:
    parent = module.parent(node)
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        return parent.value is node and all(isinstance(target, ast.Name) for target in targets)
    if isinstance(parent, ast.keyword):
        parent = module.parent(parent)
    if isinstance(parent, ast.Call) and parent.func is not node:
        kind = module.type_of(parent.func)
        if isinstance(kind, Function):
            return kind.module == module
        path = kind.path if isinstance(kind, External) else ""
        return path.startswith(("sqlalchemy.", "sqlmodel.")) and _known(module, parent)
    return isinstance(parent, (ast.Attribute, ast.Expr, ast.Await, ast.withitem))
