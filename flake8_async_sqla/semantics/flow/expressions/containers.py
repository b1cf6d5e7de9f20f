"""Methods of lists, dictionaries and collections of objects."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.state.changing import change
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import Loaded, State
from flake8_async_sqla.semantics.flow.state.objects import either, forget, taken
from flake8_async_sqla.semantics.flow.state.values import NOTHING, OPAQUE, PLAIN, Dynamic, Items, Loader, Many, Value
from flake8_async_sqla.semantics.flow.statements.iteration import alike, queried
from flake8_async_sqla.semantics.flow.unit_of_work.linking import linked
from flake8_async_sqla.semantics.flow.unit_of_work.sessions import cascade

_WRITES = frozenset({"append", "add", "add_all", "extend", "remove", "delete"})
_PLAIN = frozenset({"count", "index", "join", "keys", "clear", "remove", "discard", "reverse", "setdefault"})


def method(frame: Frame, state: State, holder: Many | Items, name: str, arguments: Arguments) -> Value:
    """Call a method of a container."""
    name, _, owner = name.partition(":")
    if name in ("append", "extend", "add", "insert", "update"):
        given = arguments.values[-1] if arguments.values else OPAQUE
        item = alike(given) or OPAQUE if name in ("extend", "update") else given
        _grown(frame, state, arguments.node, holder, item, owner)
        return NOTHING
    if name == "sort":
        _keyed(frame, state, holder, arguments)
        return NOTHING
    if holder.keyed:
        return _of_dictionary(frame, state, holder, name, arguments)
    if name in ("pop", "popleft"):
        item_ = alike(holder)
        return taken(frame.run, state, item_) if item_ is not None else OPAQUE
    if name == "copy":
        return holder
    if name == "_asdict":
        return Items(holder.items, holder.names, keyed=True) if isinstance(holder, Items) else OPAQUE
    return PLAIN if name in _PLAIN else OPAQUE


def _of_dictionary(frame: Frame, state: State, holder: Many | Items, name: str, arguments: Arguments) -> Value:
    if isinstance(holder, Items):
        if name in ("get", "pop") and isinstance(key := arguments.node_of("", 0), ast.Constant):
            return holder.items[holder.names.index(key.value)] if key.value in holder.names else OPAQUE
        if name == "values":
            return Items(holder.items)
        return OPAQUE if name not in _PLAIN else PLAIN
    if name in ("get", "pop"):
        return taken(frame.run, state, holder.item, optional=True)
    if name == "values":
        return Many(holder.item)
    if name == "items":
        return Many(Items((PLAIN, holder.item)))
    return OPAQUE if name not in _PLAIN else PLAIN


def _grown(frame: Frame, state: State, node: ast.Call, holder: Many | Items, item: Value, owner: str) -> None:
    """Put an item into a list that a name, or a relationship, holds."""
    func = node.func
    target = func.value if isinstance(func, ast.Attribute) else None
    grown: Value = Many(item, holder.keyed)
    number, _, name = owner.partition(":")
    if owner:
        linked(state, int(number), name, item)
    held = alike(holder)
    if isinstance(holder, Items) and isinstance(item, Loader):
        grown = Items((*holder.items, item))
    elif isinstance(holder, Many) or holder.items:
        grown = Many(either(frame.run, state, held, item) if held is not None else OPAQUE, holder.keyed)
    if owner:
        change(state, int(number), name, Loaded(grown))
        cascade(state, int(number), item)
    elif isinstance(target, ast.Name) and target.id in state.names:
        state.names[target.id] = grown
    else:
        forget(state, [item])


def _keyed(frame: Frame, state: State, holder: Value, arguments: Arguments) -> None:
    from flake8_async_sqla.semantics.flow.expressions.builtin import apply_key

    apply_key(frame, state, alike(holder), arguments)


def dynamic(frame: Frame, state: State, holder: Dynamic, name: str, arguments: Arguments) -> Value:
    """Call a method of a dynamic or write-only collection."""
    forget(state, arguments.all())
    attribute = state.objects[holder.owner].mapped.attributes[holder.attribute]
    if attribute.lazy == "dynamic" and name in ("all", "first", "one", "one_or_none", "count", "scalar"):
        queried(frame, state, arguments.node.func, holder)
        return OPAQUE
    chained = name in ("filter", "filter_by", "order_by", "limit", "offset", "where", "options", "distinct")
    return holder if chained and attribute.lazy == "dynamic" else OPAQUE
