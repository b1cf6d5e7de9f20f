"""Coroutines that a comprehension, list or dict collects under a name, and what becomes of them one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal, NamedTuple

from flake8_async_sqla.semantics.awaiting.consumers import TRUE, serialised, serialised_by
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.module import Module

Shape = Literal["sequence", "mapping", "items"]
AGGREGATING = {
    "all": TRUE,
    "any": TRUE,
    "max": "TypeError: '>' not supported between instances of 'coroutine' and 'coroutine'",
    "min": "TypeError: '<' not supported between instances of 'coroutine' and 'coroutine'",
    "print": "it prints <coroutine object>",
    "sorted": "TypeError: '<' not supported between instances of 'coroutine' and 'coroutine'",
    "sum": "TypeError: unsupported operand type for a coroutine",
}
_ADDING = frozenset({"add", "append", "clear", "extend", "insert", "update"})
_VIEWS: dict[str, Shape] = {"copy": "mapping", "items": "items", "values": "sequence"}
_PASSING = frozenset({"list", "reversed", "tuple"})
_LOOPS = (ast.For, ast.comprehension)
MAX_HOPS = 4


class Held(NamedTuple):
    """A collection that holds a coroutine.

    Attributes:
        collection: The expression.
        shape: What a loop over it gives: the items, the keys, or pairs of both.
        key: The key or index of the coroutine; ``None`` where all items are alike.
    """

    collection: ast.expr
    shape: Shape
    key: object = None


class Taken(NamedTuple):
    """What takes a coroutine out of a collection.

    Attributes:
        at: The expression that is the coroutine, or that works with all of them.
        error: What happens to all of them; empty for an expression that is the coroutine.
    """

    at: ast.expr
    error: str = ""


def held(module: Module, node: ast.expr) -> Held | None:
    """Say what a coroutine is put into: a display, a comprehension, or what a local name holds."""
    parent = module.parent(node)
    match parent:
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() if parent.elt is node:
            return Held(parent, "sequence")
        case ast.DictComp() if parent.value is node:
            return Held(parent, "mapping")
        case ast.List() | ast.Tuple():
            return Held(parent, "sequence", parent.elts.index(node))
        case ast.Dict() if node in parent.values:
            key = parent.keys[parent.values.index(node)]
            return Held(parent, "mapping", key.value) if isinstance(key, ast.Constant) else None
        case ast.keyword(arg=str()):
            call = module.parent(parent)
            return (
                Held(call, "mapping", parent.arg) if isinstance(call, ast.Call) and _is(module, call, "dict") else None
            )
        case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr="append" | "add")) if parent.args == [node]:
            source = _empty(module, name)
            return Held(source, "sequence") if source is not None else None
        case ast.Assign(targets=[ast.Subscript(value=ast.Name() as name, slice=ast.Constant(value=key))]):
            source = _empty(module, name)
            return Held(source, "mapping", key) if source is not None else None
    return None


def _empty(module: Module, name: ast.Name) -> ast.expr | None:
    """Return the display or call that a local name is given once, where it holds a collection."""
    found = module.scope_of(name).lookup(name.id)
    value = found[1][0].value if found is not None and found[0].kind == "function" and len(found[1]) == 1 else None
    made = isinstance(value, ast.Call) and _is(module, value, "dict", "list", "set")
    return value if made or isinstance(value, (ast.Dict, ast.List, ast.Set)) else None


def _is(module: Module, call: ast.Call, *names: str) -> bool:
    """Tell whether a call is one of some builtins."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return name in names and module.scope_of(call).lookup(name) is None


def taken_out(module: Module, place: Held, hops: int = MAX_HOPS) -> list[Taken] | None:
    """List what takes a coroutine out of what holds it; ``None`` if something else may happen to it.

    Args:
        module: The module.
        place: What holds it.
        hops: How many names and calls to follow.
    """
    collection = place.collection
    parent = module.parent(collection)
    if hops <= 0 or parent is None:
        return None
    if isinstance(parent, _LOOPS) and parent.iter is collection and not getattr(parent, "is_async", False):
        return _looped(module, parent, place.shape)
    if isinstance(parent, ast.Subscript) and parent.value is collection:
        return _under(parent, place.key) if isinstance(parent.ctx, ast.Load) else []
    if isinstance(parent, ast.Attribute):
        return _by_method(module, parent, place, hops)
    if isinstance(parent, (ast.Call, ast.keyword)):
        if error := serialised_by(module, parent, collection):
            return [Taken(collection, error)]
        return _given(module, parent, place, hops) if isinstance(parent, ast.Call) else None
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        target = targets[0] if len(targets) == 1 else None
        if isinstance(target, (ast.Tuple, ast.List)) and place.shape == "sequence":
            return _unpacked(module, target.elts, parent, place.key)
        return _named(module, target, parent, place, hops - 1) if isinstance(target, ast.Name) else None
    if isinstance(parent, ast.Return):
        return [Taken(collection, "the response cannot hold a coroutine")] if serialised(module, parent) else None
    return [] if isinstance(parent, (ast.If, ast.While, ast.Compare)) else None


def _by_method(module: Module, method: ast.Attribute, place: Held, hops: int) -> list[Taken] | None:
    call = module.parent(method)
    if not isinstance(call, ast.Call) or call.func is not method:
        return None
    if method.attr in _ADDING:
        return []
    view = _VIEWS.get(method.attr) if place.shape == "mapping" else None
    return taken_out(module, Held(call, view, place.key), hops - 1) if view is not None else None


def _under(item: ast.Subscript, key: object) -> list[Taken] | None:
    """Judge ``pending[index]``: the coroutine, another item, or something that cannot be told."""
    if isinstance(item.slice, ast.Slice):
        return None
    if key is None:
        return [Taken(item)]
    if not isinstance(item.slice, ast.Constant):
        return None
    return [Taken(item)] if item.slice.value == key else []


def _given(module: Module, call: ast.Call, place: Held, hops: int) -> list[Taken] | None:
    """Follow a collection through a builtin."""
    if (
        call.args != [place.collection]
        or call.keywords
        or not _is(module, call, "enumerate", "len", *AGGREGATING, *_PASSING)
    ):
        return None
    assert isinstance(call.func, ast.Name)
    name = call.func.id
    if name in AGGREGATING and (place.shape == "sequence" or name == "print"):
        return [Taken(call, AGGREGATING[name])]
    if name == "len" or place.shape == "mapping":
        return []
    if name == "enumerate":
        return taken_out(module, Held(call, "items", place.key), hops - 1) if place.shape == "sequence" else None
    return taken_out(module, place._replace(collection=call), hops - 1)


def _looped(module: Module, loop: ast.For | ast.comprehension, shape: Shape) -> list[Taken] | None:
    """List the uses of a loop's variable."""
    target = loop.target
    if shape == "mapping":
        return []
    if shape == "items":
        pair = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        target = pair[1] if len(pair) == 2 else loop.iter
    is_name = isinstance(target, ast.Name) and target is not loop.iter
    return [Taken(use) for use in _uses(module, target, loop)] if is_name and isinstance(target, ast.Name) else None


def _unpacked(module: Module, targets: list[ast.expr], binder: ast.AST, key: object) -> list[Taken] | None:
    """List the uses of the names that ``first, second = ...`` gives coroutines."""
    scope = module.scope_of(binder)
    names = [target for target in targets if isinstance(target, ast.Name) and target.id not in scope.foreign]
    if scope.kind != "function" or len(names) < len(targets):
        return None
    mine = [name for at, name in enumerate(names) if key in (None, at)]
    return [Taken(use) for name in mine for use in _uses(module, name, binder)]


def _named(module: Module, name: ast.Name, binder: ast.AST, place: Held, hops: int) -> list[Taken] | None:
    scope = module.scope_of(binder)
    if scope.kind != "function" or name.id in scope.foreign or len(scope.names.get(name.id, ())) != 1:
        return None
    found: list[Taken] = []
    for use in _uses(module, name, binder):
        here = taken_out(module, place._replace(collection=use), hops)
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
