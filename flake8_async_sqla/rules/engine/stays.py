"""Whether an engine stays inside the function that makes it."""

from __future__ import annotations

import ast
from collections.abc import Collection

from flake8_async_sqla.rules.uses import uses
from flake8_async_sqla.semantics.frameworks.callers import ENTERED, handles_requests, named
from flake8_async_sqla.semantics.frameworks.state import is_request_place
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.inference.functions import transparent
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import External, Function, FunctionNode, ProjectClass, ProjectInstance

_CACHES = frozenset({"functools.lru_cache", "functools.cache", "functools.cached_property"})
_DATACLASS = frozenset({"dataclasses.dataclass"})
_COLLECTING = frozenset({"append", "add"})
_SHOWING = frozenset({"info", "debug"})


def stays_inside(module: Module, call: ast.expr, function: FunctionNode) -> bool:
    """Tell whether nothing keeps an engine but the function that makes it, its caller, or a collection of all engines.

    Args:
        module: The module of the call.
        call: The call that makes the engine, or the object that has it.
        function: The function around it.
    """
    if not (transparent(module, function) or handles_requests(module, function)) or any(
        _is_one_of(module, decorator, _CACHES) for decorator in function.decorator_list
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


def _is_one_of(module: Module, decorator: ast.expr, paths: Collection[str]) -> bool:
    kind = module.type_of(uncalled(decorator))
    return isinstance(kind, External) and kind.path in paths


def _harmless(module: Module, node: ast.expr, function: FunctionNode) -> bool:
    """Tell whether a place that has the engine does not keep it for longer."""
    parent = module.parent(node)
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        return all(_is_short_lived(module, target, function) for target in targets)
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


def _is_short_lived(module: Module, target: ast.expr, function: FunctionNode) -> bool:
    """Tell whether a place that is assigned to goes with the function, its object or the request."""
    if isinstance(target, ast.Name):
        return target.id not in module.scope_of(target).foreign
    return is_request_place(module, target) or _on_own_object(module, target, function)


def _on_own_object(module: Module, target: ast.expr, function: FunctionNode) -> bool:
    """Tell whether an object that is made or entered keeps something, and its class does not hand it on or end it."""
    cls, first = module.parent(function), first_parameter(function.args)
    if function.name not in ("__init__", *ENTERED) or first is None or not isinstance(cls, ast.ClassDef):
        return False
    if not isinstance(target, ast.Attribute) or ast.unparse(target.value) != first.arg:
        return False
    reads = [use for use in named(module, target.attr) if isinstance(use, ast.Attribute) and use is not target]
    holders = [kind.cls for use in reads if isinstance(kind := module.type_of(use.value), ProjectInstance)]
    if ProjectClass(module, cls) not in holders:
        return False
    classes = [item for item in lineage(ProjectClass(module, cls)) if isinstance(item, ProjectClass)]
    return all(_keeps_to_itself(item, target.attr, function) for item in classes)


def _keeps_to_itself(cls: ProjectClass, name: str, function: FunctionNode) -> bool:
    module, node = cls.module, cls.node
    if node.keywords or not all(_is_one_of(module, item, _DATACLASS) for item in node.decorator_list):
        return False
    methods = [item for item in node.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))]
    own = [first_parameter(method.args) for method in methods]
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name in ("__new__", "__del__"):
            return False
        if isinstance(inner, ast.Attribute) and inner.attr == "dispose":
            return False
        found = module.scope_of(inner).lookup(inner.id) if isinstance(inner, ast.Name) else None
        if found is not None and any(binding.node in own for binding in found[1]):
            parent = module.parent(inner)
            if not isinstance(parent, ast.Attribute):
                if not isinstance(parent, ast.Return):
                    return False
                continue
            read = parent.attr == name and isinstance(parent.ctx, ast.Load)
            if read and not _harmless(module, parent, module.function(parent) or function):
                return False
    return True


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
