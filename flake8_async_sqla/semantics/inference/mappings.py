"""Mappings that are written down: ``{...}`` and ``dict(...)``, given directly or by way of a name."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External

_READING = ("get", "copy", "keys", "values", "items")


def written(module: Module, node: ast.expr | None) -> list[ast.keyword] | None:
    """List what a mapping holds, as keywords that stand where the keys do; ``None`` if something cannot be seen.

    Args:
        module: The module that holds the expression.
        node: The expression.
    """
    if isinstance(node, ast.Name):
        return _named(module, node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = written(module, node.left), written(module, node.right)
        return _merged(sides[0], sides[1]) if sides[0] is not None and sides[1] is not None else None
    if isinstance(node, ast.Dict):
        return _displayed(module, node)
    if isinstance(node, ast.Call) and module.type_of(node.func) == External("builtins.dict") and len(node.args) < 2:
        first = written(module, node.args[0]) if node.args else []
        given = spread(module, node)
        return _merged(first, given) if first is not None and given is not None else None
    return None


def spread(module: Module, call: ast.Call) -> list[ast.keyword] | None:
    """List the keywords that a call gives, those of ``**options`` included; ``None`` if some cannot be seen."""
    found: list[ast.keyword] = []
    for keyword in call.keywords:
        given = [keyword] if keyword.arg is not None else written(module, keyword.value)
        if given is None:
            return None
        found = _merged(found, given)
    return found


def _merged(first: list[ast.keyword], last: list[ast.keyword]) -> list[ast.keyword]:
    names = {keyword.arg for keyword in last}
    return [*(keyword for keyword in first if keyword.arg not in names), *last]


def _displayed(module: Module, node: ast.Dict) -> list[ast.keyword] | None:
    found: list[ast.keyword] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            given = written(module, value)
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            given = [ast.copy_location(ast.keyword(key.value, value), key)]
        else:
            return None
        if given is None:
            return None
        found = _merged(found, given)
    return found


def _named(module: Module, node: ast.Name) -> list[ast.keyword] | None:
    found = module.scope_of(node).lookup(node.id)
    if found is None or len(found[1]) != 1:
        return None
    binding = found[1][0]
    if binding.kind not in ("value", "annotation") or binding.unpack or isinstance(binding.value, ast.Name):
        return None
    uses = [use for scope in module.index.scopes.values() for use in scope.loads.get(node.id, ())]
    return written(module, binding.value) if all(_only_read(module, use) for use in uses) else None


def _only_read(module: Module, use: ast.Name) -> bool:
    """Tell whether a use of a mapping's name leaves the mapping as it is."""
    parent = module.parent(use)
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _READING
    if isinstance(parent, ast.keyword):
        if parent.arg is None:
            return True
        parent = module.parent(parent)
    if isinstance(parent, ast.Call):
        return isinstance(module.type_of(parent.func), External)
    return isinstance(parent, (ast.Dict, ast.BinOp))
