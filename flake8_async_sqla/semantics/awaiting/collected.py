"""Coroutines that a comprehension, list or dict collects under a name, and what becomes of them one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.module import Module

Shape = Literal["sequence", "mapping", "items"]
_VIEWS: dict[str, Shape] = {"copy": "mapping", "items": "items", "values": "sequence"}
_PASSING = frozenset({"list", "reversed", "tuple"})
_LOOPS = (ast.For, ast.comprehension)
MAX_HOPS = 4


def held(display: ast.expr, node: ast.expr) -> tuple[Shape, object] | None:
    """Say how a display or comprehension holds an item: its shape, and the key, which is ``None`` if all are alike."""
    match display:
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() if display.elt is node:
            return "sequence", None
        case ast.DictComp() if display.value is node:
            return "mapping", None
        case ast.List() | ast.Tuple():
            return "sequence", display.elts.index(node)
        case ast.Dict() if node in display.values:
            key = display.keys[display.values.index(node)]
            return ("mapping", key.value) if isinstance(key, ast.Constant) else None
    return None


def taken_out(
    module: Module, collection: ast.expr, shape: Shape, key: object, hops: int = MAX_HOPS
) -> list[ast.expr] | None:
    """List the expressions that take a coroutine out of what holds it; ``None`` if something else may happen to it.

    Args:
        module: The module.
        collection: An expression whose items are coroutines, or one of whose items is.
        shape: What a loop over it gives: the items, the keys, or pairs of both.
        key: The key or index of the one; ``None`` where all items are coroutines.
        hops: How many names and calls to follow.
    """
    parent = module.parent(collection)
    if hops <= 0 or parent is None:
        return None
    if isinstance(parent, _LOOPS) and parent.iter is collection and not getattr(parent, "is_async", False):
        return _looped(module, parent, shape)
    if isinstance(parent, ast.Subscript) and parent.value is collection and isinstance(parent.ctx, ast.Load):
        return _under(parent, key)
    if isinstance(parent, ast.Attribute):
        call, view = module.parent(parent), _VIEWS.get(parent.attr) if shape == "mapping" else None
        if view is None or not isinstance(call, ast.Call) or call.func is not parent:
            return None
        return taken_out(module, call, view, key, hops - 1)
    if isinstance(parent, ast.Call):
        return _given(module, parent, collection, shape, key, hops)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        target = targets[0] if len(targets) == 1 else None
        if isinstance(target, (ast.Tuple, ast.List)) and shape == "sequence":
            return _unpacked(module, target.elts, parent, key)
        return _named(module, target, parent, shape, key, hops - 1) if isinstance(target, ast.Name) else None
    return [] if isinstance(parent, (ast.If, ast.While, ast.Compare)) else None


def _under(item: ast.Subscript, key: object) -> list[ast.expr] | None:
    """Judge ``pending[index]``: the coroutine, another item, or something that cannot be told."""
    if isinstance(item.slice, ast.Slice):
        return None
    if key is None:
        return [item]
    if not isinstance(item.slice, ast.Constant):
        return None
    return [item] if item.slice.value == key else []


def _given(
    module: Module, call: ast.Call, collection: ast.expr, shape: Shape, key: object, hops: int
) -> list[ast.expr] | None:
    """Follow a collection through a builtin."""
    if not isinstance(call.func, ast.Name) or module.scope_of(call).lookup(call.func.id) is not None:
        return None
    if call.args != [collection]:
        return None
    if call.func.id == "len" or shape == "mapping":
        return []
    if call.func.id == "enumerate" and shape == "sequence":
        return taken_out(module, call, "items", key, hops - 1)
    return taken_out(module, call, shape, key, hops - 1) if call.func.id in _PASSING else None


def _looped(module: Module, loop: ast.For | ast.comprehension, shape: Shape) -> list[ast.expr] | None:
    """List the uses of a loop's variable."""
    target = loop.target
    if shape == "mapping":
        return []
    if shape == "items":
        pair = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        target = pair[1] if len(pair) == 2 else loop.iter
    return [*_uses(module, target, loop)] if isinstance(target, ast.Name) and target is not loop.iter else None


def _unpacked(module: Module, targets: list[ast.expr], binder: ast.AST, key: object) -> list[ast.expr] | None:
    """List the uses of the names that ``first, second = ...`` gives coroutines."""
    scope = module.scope_of(binder)
    names = [target for target in targets if isinstance(target, ast.Name) and target.id not in scope.foreign]
    if scope.kind != "function" or len(names) < len(targets):
        return None
    return [use for at, name in enumerate(names) if key in (None, at) for use in _uses(module, name, binder)]


def _named(
    module: Module, name: ast.Name, binder: ast.AST, shape: Shape, key: object, hops: int
) -> list[ast.expr] | None:
    scope = module.scope_of(binder)
    if scope.kind != "function" or name.id in scope.foreign or len(scope.names.get(name.id, ())) != 1:
        return None
    found: list[ast.expr] = []
    for use in _uses(module, name, binder):
        here = taken_out(module, use, shape, key, hops)
        if here is None:
            return None
        found.extend(here)
    return found


def _uses(module: Module, name: ast.Name, binder: ast.AST) -> Iterator[ast.Name]:
    """Yield the reads of a name that one statement or loop may have bound, those of nested functions included."""
    for scope in module.index.scopes.values():
        for use in scope.loads.get(name.id, ()):
            place = scope.lookup(name.id)
            if place is not None and any(found.node is binder for found in reaching(module, place[1], use)):
                yield use
