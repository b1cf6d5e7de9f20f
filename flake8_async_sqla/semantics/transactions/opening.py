"""Sessions and connections where they are opened."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.objects.identity import Key, Variable, root
from flake8_async_sqla.semantics.objects.origins import engine_origin, factory_of, origin_of
from flake8_async_sqla.semantics.transactions.actions import Resource
from flake8_async_sqla.semantics.transactions.states import Path, State, World
from flake8_async_sqla.semantics.transactions.walk import Frame, Walk
from flake8_async_sqla.semantics.types import Function, Type

Binder: TypeAlias = ast.withitem | ast.Assign | ast.AnnAssign | ast.For | ast.AsyncFor


def target(frame: Frame, node: Binder) -> Key | None:
    """Return the key of the name that a statement or block binds."""
    if isinstance(node, ast.withitem):
        name: ast.expr | None = node.optional_vars
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        name = node.target
    elif isinstance(node, ast.Assign):
        name = next((item for item in node.targets if isinstance(item, ast.Name)), None)
    else:
        name = node.target
    if not isinstance(name, ast.Name):
        return None
    found = frame.module.scope_of(name).lookup(name.id)
    bindings = [binding for binding in found[1] if binding.node is node] if found is not None else []
    if found is None or len(bindings) != 1:
        return None
    return Variable(frame.module, (bindings[0],), found[0].node, name.id)


def fresh(walk: Walk, frame: Frame, key: Key, of: Resource, call: ast.Call, made: Type, world: World) -> World:
    """Start to follow a session or connection that was just made."""
    walk.kinds[key] = of
    walk.leaked.discard(key)
    walk.closed.discard(key)
    factory = origin_of(factory_of(made))
    calls = [(frame.module, call), *([(factory.module, factory.call)] if factory is not None else [])]
    if _autocommits(made, calls):
        walk.leaked.add(key)
    walk.owned[key] = frame.entry
    if _may_be_sqlite(made):
        walk.releasing.add(key)
    if any(_disabled(argument(found, "autobegin")) for _, found in calls):
        walk.off.add(key)
    return {**world, key: State(frozenset({Path(walk.idle(key), (), frame.place(call), True)}))}


def rebound(frame: Frame, node: Binder, world: World) -> World:
    """Forget what is known of a name that holds another object from now on."""
    key = target(frame, node) if world else None
    return {found: state for found, state in world.items() if root(found) != key} if key is not None else world


def entered(function: Function, world: World) -> World:
    """Forget what is known of the variables of a function from an earlier call of it."""
    starts = ((found, root(found)) for found in world)
    own = {found for found, start in starts if isinstance(start, Variable) and start.scope is function.node}
    return {found: state for found, state in world.items() if found not in own} if own else world


def _disabled(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def _autocommits(made: Type, calls: list[tuple[Module, ast.Call]]) -> bool:
    """Tell whether the database may commit each statement by itself, or somebody else ends the transaction."""
    engine = engine_origin(made)
    named = [binding for module, call in calls for binding in _engines(module, call)]
    for call in [call for _, call in calls] + named + ([engine.call] if engine is not None else []):
        text = ast.unparse(call)
        if "isolation_level" in text or "execution_options" in text or "autocommit" in text.lower():
            return True
        if any(keyword.arg is None for keyword in call.keywords):
            return True
    factory = calls[-1]
    bind = argument(factory[1], "bind", 0)
    return bind is not None and "onnection" in str(getattr(factory[0].type_of(bind), "cls", ""))


def _engines(module: Module, call: ast.Call) -> Iterator[ast.Call]:
    """Yield the calls that gave their names to what is opened: ``own = engine.execution_options(...)``."""
    for node in (getattr(call.func, "value", None), argument(call, "bind", 0)):
        if isinstance(node, (ast.Name, ast.Attribute)):
            binding = definition(module, node, module.scope_of(node))[1]
            if binding is not None and isinstance(binding.value, ast.Call):
                yield binding.value


def _may_be_sqlite(made: Type) -> bool:
    """Tell whether the end of a first savepoint may commit: SQLite's drivers begin no transaction before it."""
    engine = engine_origin(made)
    found = urls(engine.module, argument(engine.call, "url", 0)) if engine is not None else []
    return not found or any(url.scheme.startswith("sqlite") for url in found)
