"""Comprehensions: one turn stands for all."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calling.postponing import kept
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.joining import joined
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, Many, Value

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


_STOPPING = frozenset({"any", "all", "next"})


def _stops_early(frame: Frame, node: Comprehension) -> bool:
    """Tell whether what takes the items may be content with the first."""
    parent = frame.module.parent(node) if isinstance(node, ast.GeneratorExp) else None
    return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in _STOPPING


def comprehension(frame: Frame, state: State, node: Comprehension) -> Value:
    """Evaluate a comprehension or generator expression, or keep a generator expression for later."""
    if isinstance(node, ast.GeneratorExp) and isinstance(frame.module.parent(node), (ast.Assign, ast.Return)):
        return kept(frame, state, node)
    return evaluated(frame, state, node)


def evaluated(
    frame: Frame, state: State, node: Comprehension, start: Value | None = None, *, awaits: bool = False
) -> Value:  # fmt: skip
    """Say what the items of a comprehension are.

    Args:
        frame: The function.
        state: What is known; it is changed.
        node: The comprehension.
        start: What its first loop goes through, if that was evaluated before.
        awaits: Whether its items are coroutines that are awaited: ``gather(*[notify(user) for user in users])``.
    """
    from flake8_async_sqla.semantics.flow.calling.calls import call
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
    from flake8_async_sqla.semantics.flow.statements.assigning import bind
    from flake8_async_sqla.semantics.flow.statements.conditions import split
    from flake8_async_sqla.semantics.flow.statements.iteration import iterated

    outer = dict(state.names)
    inner, one = frame.turn(1), _stops_early(frame, node)
    for part in node.generators:
        value = value_of(inner, state, part.iter) if start is None or part is not node.generators[0] else start
        bind(inner, state, part.target, iterated(inner, state, part.iter, value, one=one))
        for condition in part.ifs:
            trues, _ = split(inner, state, condition)
            if not trues:
                state.names = outer
                return Many(OPAQUE, isinstance(node, ast.DictComp))
            state.become(joined(trues))
    if isinstance(node, ast.DictComp):
        value_of(inner, state, node.key)
    each = node.value if isinstance(node, ast.DictComp) else node.elt
    if awaits and isinstance(each, ast.Call):
        item = call(inner, state, each, awaited=True)
    else:
        item = value_of(inner, state, each)
    targets = {name.id for part in node.generators for name in ast.walk(part.target) if isinstance(name, ast.Name)}
    for name in targets:
        if name in outer:
            state.names[name] = outer[name]
        else:
            state.names.pop(name, None)
    return Many(item, isinstance(node, ast.DictComp))
