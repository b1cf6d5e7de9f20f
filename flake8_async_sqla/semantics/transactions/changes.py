"""Attributes that are set on objects of a session, and read by nobody afterwards: changes that only a commit keeps."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.objects.identity import Key
from flake8_async_sqla.semantics.transactions.actions import ACTIONS
from flake8_async_sqla.semantics.transactions.walk import Frame, Walk

_LOADING = frozenset({"work", "lookup"})
_OBJECTS = frozenset(
    {"all", "first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "scalars", "unique", "scalar"}
)
MAX_HOPS = 8


def changed(walk: Walk, frame: Frame, target: ast.expr) -> Key | None:
    """Return the session whose object's attribute is set, where nothing but a commit can come of it.

    Args:
        walk: What is found.
        frame: The function under way.
        target: The target of the assignment.
    """
    name = target.value if isinstance(target, ast.Attribute) else None
    if not isinstance(name, ast.Name):
        return None
    scope = frame.module.scope_of(name)
    found = scope.lookup(name.id)
    if found is None or found[0] is not scope or len(found[1]) != 1:
        return None
    uses = frame.module.reads(name.id)
    if not all(_only_looks(frame, use, target) for use in uses if frame.module.function(use) is frame.function.node):
        return None
    return _loaded_by(walk, frame, found[1][0])


def _only_looks(frame: Frame, use: ast.Name, target: ast.expr) -> bool:
    """Tell whether a use sets an attribute, reads one before the change, adds the object, or asks for it."""
    if isinstance(target, ast.Attribute) and use is target.value:
        return True
    parent = frame.module.parent(use)
    if isinstance(parent, ast.Attribute):
        before = (use.lineno, use.col_offset) < (target.end_lineno or 0, target.end_col_offset or 0)
        called = isinstance(frame.module.parent(parent), ast.Call)
        inside = frame.module.statement(use) is frame.module.statement(target)
        return not called and (not isinstance(parent.ctx, ast.Load) or before or inside)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "add":
        return is_a(frame.module.type_of(parent.func.value), ASYNC_SESSION)  # which has the object already
    return isinstance(parent, (ast.Compare, ast.If, ast.UnaryOp, ast.BoolOp, ast.Assert))


def _loaded_by(walk: Walk, frame: Frame, binding: Binding, hops: int = MAX_HOPS) -> Key | None:
    """Return the session that loads what a binding holds."""
    if binding.kind not in ("value", "for", "async for", "annotation") or binding.unpack:
        return None
    node = binding.value
    many = binding.kind in ("for", "async for")
    for _ in range(hops):
        if isinstance(node, ast.Await):
            node = node.value
        elif isinstance(node, ast.Name):
            found = frame.module.scope_of(node).lookup(node.id)
            if found is None or len(found[1]) != 1 or found[1][0].unpack:
                return None
            node = found[1][0].value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            key = walk.key(frame, node.func.value)
            if key is not None and key in walk.kinds and ACTIONS.get(node.func.attr) in _LOADING:
                objects = many or node.func.attr in ("get", "get_one", "scalar")
                return key if objects and walk.kinds[key] == "session" else None
            if node.func.attr not in _OBJECTS:
                return None
            many = many or node.func.attr != "unique"
            node = node.func.value
        else:
            return None
    return None
