"""Loader options as values: lists that a function builds, a class declares, a call gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.flow.calling.written import known
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, Items, Loader, Nothing, Value
from flake8_async_sqla.semantics.loading.options import is_option
from flake8_async_sqla.semantics.loading.spreading import Given
from flake8_async_sqla.semantics.mapping.constants import UNSEEN, named, of_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass

MAX_HOPS = 4
_SEEN = (Items, Loader, Nothing)


def loader(frame: Frame, node: ast.Call) -> Loader | None:
    """Return the option that a call makes, if it makes one."""
    known: dict[ast.Call, bool] = frame.module.cached("makes an option", dict)
    if node not in known:
        known[node] = is_option(frame.module, node)
    return Loader(frame.module, node) if known[node] else None


def of_attribute(cls: ProjectClass, name: str) -> Value:
    """Return the options that a class declares as an attribute, on itself or the nearest base that does."""
    found = of_class(cls, name)
    return _written(*found) if found is not None and isinstance(found[1], (ast.List, ast.Tuple, ast.Set)) else OPAQUE


def _written(module: Module, node: ast.expr | None, hops: int = MAX_HOPS) -> Value:
    """Return what an expression outside of functions holds: an option, or a list of them."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        items = [_written(module, item, hops) for item in node.elts]
        return OPAQUE if OPAQUE in items else Items(tuple(items))
    if isinstance(node, ast.Call):
        return Loader(module, node) if is_option(module, node) else OPAQUE
    if isinstance(node, (ast.Name, ast.Attribute)) and hops:
        return _written(*named(module, node), hops - 1)
    return OPAQUE


def given(frame: Frame, state: State, nodes: list[ast.expr]) -> tuple[Given, ...]:
    """List the options that are passed to ``options()``; what cannot be seen is one without a node.

    Args:
        frame: The function.
        state: What is known.
        nodes: The arguments.
    """
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    found: list[Given] = []
    for node in nodes:
        inner = node.value if isinstance(node, ast.Starred) else node
        value = value_of(frame, state, inner)
        found += options_in(value if isinstance(value, _SEEN) else _constant(frame, inner), frame.module)
    return tuple(found)


def options_in(value: Value, module: Module) -> Iterator[Given]:
    """Yield the options that a value holds; for what cannot be seen, one without a node."""
    if isinstance(value, Loader):
        yield Given(value.module, value.node)
    elif isinstance(value, Items) and not value.keyed:
        for item in value.items:
            yield from options_in(item, module)
    elif not isinstance(value, Nothing):
        yield Given(module, None)


def _constant(frame: Frame, node: ast.expr) -> Value:
    """Return the options that a constant of the module holds, or one item of a dictionary by a key that is known."""
    if isinstance(node, ast.Subscript):
        return _item(frame, node.value, node.slice)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        return _item(frame, node.func.value, node.args[0])
    return _written(frame.module, node) if isinstance(node, ast.Name) else OPAQUE


def _item(frame: Frame, holder: ast.expr, key: ast.expr) -> Value:
    """Return the options that a dictionary of the module holds under a constant, a member of an enumeration too."""
    home, table = named(frame.module, holder)
    given = frame.constants.get(key.id, UNSEEN) if isinstance(key, ast.Name) else UNSEEN
    wanted = known(frame.module, key) if given is UNSEEN else given
    pairs = zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) and wanted is not UNSEEN else ()
    for name, value in pairs:
        if name is not None and known(home, name) == wanted:
            return _written(home, value)
    return OPAQUE
