"""The single options behind what is passed to ``options()``: lists, constants, helpers, conditions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.functions import returned
from flake8_async_sqla.semantics.mapping.constants import named
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function

MAX_HOPS = 8
_CHANGING = frozenset({"append", "extend", "insert"})


@dataclass(frozen=True, slots=True)
class Given:
    """One option, or one column.

    Attributes:
        module: The module that holds ``node``.
        node: The expression; None for one that cannot be seen.
        certain: Whether it is always given.
    """

    module: Module
    node: ast.expr | None
    certain: bool = True


def spread(module: Module, nodes: list[ast.expr], hops: int = MAX_HOPS) -> Iterator[Given]:
    """Yield what is given one by one, stars unpacked.

    Args:
        module: The module that holds the arguments.
        nodes: The arguments.
        hops: How many names and calls to follow.
    """
    for node in nodes:
        if isinstance(node, ast.Starred):
            yield from _items(module, node.value, hops)
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            yield from spread(module, node.elts, hops)
        elif isinstance(node, ast.IfExp):
            for given in spread(module, [node.body, node.orelse], hops):
                yield replace(given, certain=False)
        else:
            yield Given(module, node)


def _items(module: Module, node: ast.expr, hops: int) -> Iterator[Given]:
    """Yield the items of what is unpacked."""
    if hops <= 0:
        yield Given(module, None)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        yield from spread(module, node.elts, hops - 1)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for side in (node.left, node.right):
            yield from _items(module, side, hops - 1)
    elif isinstance(node, (ast.IfExp, ast.BoolOp)):
        for side in node.values if isinstance(node, ast.BoolOp) else (node.body, node.orelse):
            for given in _items(module, side, hops - 1):
                yield replace(given, certain=False)
    elif isinstance(node, ast.Call):
        yield from _returned(module, node, hops)
    elif isinstance(node, (ast.Name, ast.Attribute)):
        yield from _named(module, node, hops)
    else:
        yield Given(module, None)


def _returned(module: Module, call: ast.Call, hops: int) -> Iterator[Given]:
    kind = module.type_of(call.func)
    if isinstance(kind, Function):
        values = returned(kind.module, kind.node)
        if len(values) == 1:
            yield from _items(kind.module, values[0], hops - 1)
            return
    elif isinstance(call.func, ast.Name) and call.func.id in ("list", "tuple") and len(call.args) == 1:
        yield from _items(module, call.args[0], hops - 1)
        return
    yield Given(module, None)


def _named(module: Module, node: ast.Name | ast.Attribute, hops: int) -> Iterator[Given]:
    holder, value = named(module, node)
    if value is None and isinstance(node, ast.Name):
        found = module.scope_of(node).lookup(node.id)
        bindings = found[1] if found is not None else []
        if found is not None and len(bindings) > 1 and found[0] is module.scope_of(node):
            bindings = reaching(module, bindings, node)
        if len(bindings) == 1 and bindings[0].kind in ("value", "annotation") and not bindings[0].unpack:
            holder, value = module, bindings[0].value
    if value is None or _changes(holder, value) or _of_subclass(module, node, value):
        yield Given(module, None)
    if value is not None:
        yield from _items(holder, value, hops - 1)


def _of_subclass(module: Module, node: ast.Name | ast.Attribute, value: ast.expr) -> bool:
    """Tell whether a subclass is there to say something else: of ``self.options``, which are none in the class."""
    none = isinstance(value, (ast.List, ast.Tuple)) and not value.elts
    owner = node.value if isinstance(node, ast.Attribute) and none else None
    found = module.scope_of(owner).lookup(owner.id) if isinstance(owner, ast.Name) else None
    return found is not None and any(binding.kind == "parameter" for binding in found[1])


def _changes(module: Module, value: ast.expr) -> bool:
    """Tell whether a list that is assigned to a name grows later."""
    statement = module.statement(value)
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    scope = module.scope_of(statement)
    if any(binding.kind == "other" for name in names for binding in scope.names.get(name, ())):
        return True
    for name in names:
        for use in scope.loads.get(name, ()):
            parent = module.parent(use)
            if isinstance(parent, ast.Attribute) and parent.attr in _CHANGING:
                return True
    return False
