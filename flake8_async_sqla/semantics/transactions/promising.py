"""Which functions are worth following: told from the types of what they call, before anything is followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.transactions.actions import ACTIONS, resource
from flake8_async_sqla.semantics.transactions.inlining import MAX_DEPTH, callees, touches, uses_directly
from flake8_async_sqla.semantics.transactions.writes import writing
from flake8_async_sqla.semantics.types import Function

_TURNS = frozenset({"begin", "commit", "rollback", "flush"})
_DECISIVE = frozenset(name for name, action in ACTIONS.items() if action in ("begin", "nested", "close"))
_FIRST = (ast.Call, ast.With, ast.AsyncWith, ast.Assign, ast.AnnAssign, ast.Yield)
_BLOCKS = frozenset({"With", "AsyncWith", "Try", "TryStar"})


class _Signs(NamedTuple):
    """What must come together, in a function and in those that it calls, for something to go wrong.

    Attributes:
        acts: Whether something is done with a session or connection that types show.
        turns: Whether one is opened, closed or begun, or an exception may be handled.
    """

    acts: bool
    turns: bool


_BOTH = _Signs(True, True)


def worth_walking(function: Function) -> bool:
    """Tell whether something may go wrong in a function itself: it, or what it calls, ends or begins transactions."""
    return _is_concerned(function) and _signs(function, MAX_DEPTH) == _BOTH


def _is_concerned(function: Function) -> bool:
    if uses_directly(function):
        return True
    if any(uses_directly(callee, _TURNS) for callee in callees(function)) or _hands_on(function):
        return True
    blocks = own_nodes(function.module, function.node, ast.AsyncWith)
    managers = (item.optional_vars for block in blocks for item in block.items)  # type: ignore[attr-defined]
    return any(resource(function.module.type_of(name)) for name in managers) and touches(function)


def _hands_on(function: Function) -> bool:
    """Tell whether a function gives a statement that writes to one that uses a session or connection."""
    module = function.module
    for call in own_nodes(module, function.node, ast.Call):
        assert isinstance(call, ast.Call)
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        callee = module.type_of(call.func) if given else None
        if isinstance(callee, Function) and touches(callee) and any(writing(module, value) for value in given):
            return True
    return False


def _signs(function: Function, depth: int) -> _Signs:
    memo: dict[object, _Signs] = function.module.cached("signs of transactions", dict)
    key = (function.node, depth)
    if (known := memo.get(key)) is None:
        found = memo.get(function.node)
        if found is None:
            found = memo[function.node] = _Signs(any(_resources(function)), _turns(function))
        for callee in callees(function) if depth else ():
            if found == _BOTH:
                break
            inner = _signs(callee, depth - 1)
            found = _Signs(found.acts or inner.acts, found.turns or inner.turns)
        known = memo[key] = found
    return known


def _resources(function: Function) -> Iterator[bool]:
    """Tell, of each expression that may stand for a session or connection first, whether it does."""
    module = function.module
    for node in own_nodes(module, function.node, *_FIRST):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in ACTIONS:
                yield bool(resource(module.type_of(node.func.value)))
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            yield any(resource(module.type_of(item.optional_vars)) for item in node.items)
        elif isinstance(node, ast.Yield):
            yield bool(resource(module.type_of(node.value)))
        else:
            yield _opens(function, node)  # type: ignore[arg-type]


def _opens(function: Function, node: ast.Assign | ast.AnnAssign) -> bool:
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    if not isinstance(value, ast.Call):
        return False
    return any(resource(function.module.type_of(item)) for item in {value, node.value})


def _turns(function: Function) -> bool:
    module = function.module
    if any(type(statement).__name__ in _BLOCKS for statement in module.index.scopes[function.node].statements):
        return True
    calls = (node.func for node in own_nodes(module, function.node, ast.Call))  # type: ignore[attr-defined]
    if any(isinstance(func, ast.Attribute) and func.attr in _DECISIVE for func in calls):
        return True
    return any(_opens(function, node) for node in own_nodes(module, function.node, ast.Assign, ast.AnnAssign))  # type: ignore[arg-type]
