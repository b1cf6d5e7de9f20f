"""Primary keys that queries name: objects with different ones are different."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import Expired, Fetched, Loaded, ObjectState, Slot, State, Unloaded
from flake8_async_sqla.semantics.flow.state.session import Key
from flake8_async_sqla.semantics.flow.state.slots import slot_of
from flake8_async_sqla.semantics.flow.state.values import Object, Opaque, Plain, Value, inside
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.loading.plan import Query
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.module import Module

_FILTERS = ("where", "filter")


def key_of(frame: Frame, state: State, module: Module, node: ast.expr | None) -> Key | None:
    """Return the number that an expression is, or the name of a parameter of the function under analysis.

    Args:
        frame: The function that holds the expression, or calls the one that does.
        state: What is known.
        module: The module that holds the expression.
        node: The expression.
    """
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    name = node.value if isinstance(node, ast.Attribute) else node
    if not isinstance(name, ast.Name) or module is not frame.module:
        return None
    scope = module.scope_of(name)
    if scope is not module.index.scopes[frame.node]:
        return None
    value = state.names.get(name.id)
    if isinstance(node, ast.Attribute):
        return _of_object(state, value, node.attr)
    if isinstance(value, Plain) and value.key is not None:
        return value.key
    bindings = scope.names.get(name.id, ()) if not frame.calls else ()
    if len(bindings) == 1 and isinstance(bindings[0].node, ast.arg):
        if value is None or isinstance(value, (Opaque, Plain)):
            state.names[name.id] = Plain(name.id)
        return name.id
    if not isinstance(value, (Opaque, Plain)):
        return None
    key = f"{frame.run.number()}."  # until the name is bound again
    state.names[name.id] = Plain(key)
    return key


def _of_object(state: State, value: Value | None, name: str) -> Key | None:
    """Return the primary key of an object, if that is what an attribute is."""
    held = state.objects[value.id] if isinstance(value, Object) else None
    keys = [item.name for item in held.mapped.attributes.values() if item.primary_key] if held is not None else []
    return held.key if held is not None and keys == [name] else None


def selected_key(frame: Frame, state: State, query: Query, mapped: MappedClass) -> Key | None:
    """Return the primary key of the only object of a class that a query selects, if it names one.

    Args:
        frame: The function that executes it.
        state: What is known.
        query: The query.
        mapped: The class.
    """
    if not query.certain:
        return None
    link: ast.AST | None = query.call
    while isinstance(link, ast.Call):
        func = query.module.parent(link)
        link = query.module.parent(func) if isinstance(func, ast.Attribute) else None
        if isinstance(link, ast.Call) and isinstance(func, ast.Attribute) and func.attr in _FILTERS:
            keys = (compared(frame, state, query.module, mapped, argument) for argument in link.args)
            if (key := next((key for key in keys if key is not None), None)) is not None:
                return key
        elif isinstance(link, ast.Call) and isinstance(func, ast.Attribute) and func.attr == "filter_by":
            names = [name for name, attribute in mapped.attributes.items() if attribute.primary_key]
            given = [item.value for item in link.keywords if [item.arg] == names] if len(query.columns) == 1 else []
            if (key := key_of(frame, state, query.module, given[0]) if given else None) is not None:
                return key
    return None


def referred(frame: Frame, state: State) -> Iterator[int]:
    """Yield the objects that a variable refers to, so that the identity map, which is weak, still holds them."""
    held: list[Value] = [*state.names.values()]
    for names in frame.callers:
        held.extend(names.values())
    for services in state.services.values():
        held.extend(services.values())
    yield from (item.id for value in held for item in inside(value) if isinstance(item, Object))


def held_by_key(frame: Frame, state: State, session: int, mapped: MappedClass, key: Key | None) -> int | None:
    """Return what ``get()`` finds in the session, options or not: a variable holds it, or all objects of the class."""
    for number in referred(frame, state):
        found = state.objects[number]
        if found.session != session or mapped.cls not in lineage(found.mapped.cls):
            continue
        whole = found.count == "all" and not found.beside  # otherwise, it may be the one that came by itself
        if not (whole and found.mapped.cls == mapped.cls) and (key is None or found.key != key):
            continue
        columns = [slot_of(found, name) for name, attribute in mapped.attributes.items() if attribute.kind == "column"]
        current = all(isinstance(slot, Loaded) or _left_out(slot) for slot in columns)
        if found.life == "persistent" and isinstance(found.base, (Fetched, Expired)) and current:
            return number
    return None


def is_single(held: ObjectState) -> bool:
    """Tell whether an object is the only one with its primary key, whenever it is asked for."""
    return held.count == "one" and (isinstance(held.key, int) or (held.key is not None and not held.key.endswith(".")))


def queried_before(frame: Frame, state: State, session: int, mapped: MappedClass, key: Key | None) -> int | None:
    """Return the object that a variable holds and a query gives again: the session has it with that primary key."""
    for number in referred(frame, state) if key is not None else ():
        found = state.objects[number]
        same = (found.session, found.mapped.cls, found.key) == (session, mapped.cls, key) and is_single(found)
        if same and found.life == "persistent" and isinstance(found.base, (Fetched, Expired)):
            return number
    return None


def _left_out(slot: Slot) -> bool:
    return isinstance(slot, Unloaded) and slot.kind in ("deferred", "raising")


def compared(frame: Frame, state: State, module: Module, mapped: MappedClass, node: ast.expr) -> Key | None:
    """Return what a condition compares the primary key of a class with.

    Args:
        frame: The function that executes it.
        state: What is known.
        module: The module that holds the condition.
        mapped: The class.
        node: The condition.
    """
    names = [name for name, attribute in mapped.attributes.items() if attribute.primary_key]
    if (
        len(names) != 1
        or not isinstance(node, ast.Compare)
        or len(node.ops) != 1
        or not isinstance(node.ops[0], ast.Eq)
    ):
        return None
    column = node.left
    if isinstance(column, ast.Attribute) and column.attr == names[0] and module.type_of(column.value) == mapped.cls:
        return key_of(frame, state, module, node.comparators[0])
    return None
