"""What becomes of a task, and how long a request's session lives."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from flake8_async_sqla.facts.frameworks import WAITING
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.constructions import settled
from flake8_async_sqla.semantics.objects.identities import is_shared_type, key_of, paired
from flake8_async_sqla.semantics.objects.identity import Key, Provided, Variable, described
from flake8_async_sqla.semantics.sessions.concurrency import used
from flake8_async_sqla.semantics.sessions.spawning import Work, added, called
from flake8_async_sqla.semantics.types import UNKNOWN, Function

Fate = Literal["discarded", "kept", "awaited"]
_CALLBACKS = frozenset({"add_done_callback", "set_name", "remove_done_callback"})


def fate(module: Module, call: ast.Call) -> Fate:
    """Say what a function does with a task that a call in it starts; ``awaited`` if in doubt."""
    outer = module.parent(call)
    while isinstance(outer, ast.Call) and called(module, outer) in WAITING:
        outer = module.parent(outer)
    if isinstance(outer, ast.Expr):
        return "discarded"
    if isinstance(outer, ast.Attribute):
        return "kept" if outer.attr in _CALLBACKS else "awaited"
    if isinstance(outer, (ast.Assign, ast.AnnAssign)):
        targets = outer.targets if isinstance(outer, ast.Assign) else [outer.target]
        return _of_target(module, call, targets[0]) if len(targets) == 1 else "awaited"
    if isinstance(outer, ast.Call) and call in outer.args and isinstance(outer.func, ast.Attribute):
        return _of_collection(module, outer.func) if outer.func.attr in ("add", "append") else "awaited"
    return "awaited"


def _of_target(module: Module, call: ast.Call, target: ast.expr) -> Fate:
    if isinstance(target, (ast.Attribute, ast.Subscript)):
        text = ast.unparse(target)
        return "awaited" if any(text in ast.unparse(found) for found in _awaits(module, call)) else "kept"
    if not isinstance(target, ast.Name):
        return "awaited"
    loads = module.reads(target.id)
    holder = module.scope_of(call)
    mine = [use for use in loads if (found := module.scope_of(use).lookup(target.id)) and found[0] is holder]
    fates = [_of_use(module, use) for use in mine]
    if not fates:
        return "discarded" if holder.kind == "function" and target.id not in holder.foreign else "kept"
    return "awaited" if "awaited" in fates else "kept"


def _of_use(module: Module, use: ast.Name) -> Fate:
    outer = module.parent(use)
    if isinstance(outer, ast.Attribute):
        return "kept" if outer.attr in _CALLBACKS else "awaited"
    if isinstance(outer, ast.Call) and isinstance(outer.func, ast.Attribute) and outer.func.attr in ("add", "append"):
        return _of_collection(module, outer.func)
    return "awaited"


def _of_collection(module: Module, method: ast.Attribute) -> Fate:
    """Say whether a function waits for the collection that it puts a task into."""
    holder = method.value
    if not isinstance(holder, ast.Name):
        return "kept"
    found = module.scope_of(holder).lookup(holder.id)
    if found is None or found[0].kind != "function":
        return "kept"
    others = [use for use in found[0].loads.get(holder.id, ()) if use is not holder]
    return "awaited" if any(not list(added(module, use)) for use in others) else "kept"


def _awaits(module: Module, call: ast.Call) -> Iterator[ast.AST]:
    function = module.function(call)
    return own_nodes(module, function, ast.Await) if function is not None else iter(())


def sessions_given(module: Module, work: Work) -> dict[Key, str]:
    """Map the sessions that work uses, or is given to keep, to their names."""
    found = used(module, work)
    callee = module.type_of(work.func)
    values = [*work.args, *(keyword.value for keyword in work.keywords)]
    if isinstance(callee, Function):
        pairs = paired(callee, work.args, work.keywords)
        scope = callee.module.index.scopes[callee.node]
        values = [value for parameter, value in pairs if scope.loads.get(parameter.arg)]
    elif callee is UNKNOWN and isinstance(work.func, ast.Lambda):
        values = []
    for value in values:
        if is_shared_type(module.type_of(value)) and (key := key_of(module, value)) is not None:
            found.setdefault(settled(key) or key, described(key))
    return found


def injected(key: Key) -> Function | None:
    """Return the generator that provides a session and closes it when the request ends."""
    provider = key.provider if isinstance(key, Provided) else None
    if isinstance(provider, Function) and is_generator(provider.module, provider.node):
        return provider
    return None


def block_of(module: Module, key: Key, call: ast.Call) -> ast.AsyncWith | None:
    """Return the ``async with`` around a call that closes a session at its end."""
    if not isinstance(key, Variable) or len(key.bindings) != 1 or key.bindings[0].kind != "async with":
        return None
    item = key.bindings[0].node
    for outer in module.ancestors(call):
        if isinstance(outer, ast.AsyncWith) and item in outer.items:
            return outer
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return None
    return None


def ends_at_once(module: Module, block: ast.AsyncWith, call: ast.Call) -> bool:
    """Tell whether nothing is awaited between a call and the end of its block."""
    inside = (found for found in ast.walk(block) if isinstance(found, (ast.Await, ast.AsyncFor, ast.AsyncWith)))
    end = (call.end_lineno or 0, call.end_col_offset or 0)
    loops = any(
        isinstance(outer, (ast.For, ast.AsyncFor, ast.While)) and outer in ast.walk(block)
        for outer in module.ancestors(call)
    )
    return not loops and not any((found.lineno, found.col_offset) > end for found in inside)
