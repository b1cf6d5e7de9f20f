"""Conditions of a function that the constants in a call decide: ``serialize(post, include={"author"})``."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flake8_async_sqla.semantics.flow.calling.written import Member, known, of_member, written
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.values import Routine
from flake8_async_sqla.semantics.flow.statements.conditions import text_of
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.mapping.constants import UNSEEN
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters

_OPERATORS: Mapping[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda one, other: one == other and type(one) is type(other),
    ast.IsNot: lambda one, other: one != other or type(one) is not type(other),
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
}
_CHANGES = frozenset({"add", "append", "clear", "discard", "extend", "insert", "pop", "remove", "setdefault", "update"})
_FIXED = (str, int, float, tuple, Member)
_OF_MEMBERS = ("name", "value")


def constants(frame: Frame, node: ast.expr, routine: Routine) -> dict[str, object]:
    """Return the constants that a call gives, or the function's defaults, by the names of the parameters.

    Args:
        frame: The caller.
        node: The call.
        routine: The function.
    """
    found: dict[str, object] = {}
    if not isinstance(node, ast.Call) or any(isinstance(item, ast.Starred) for item in node.args):
        return found
    if any(keyword.arg is None for keyword in node.keywords):
        return found
    for position, (parameter, default) in enumerate(parameters(routine.node.args), -(routine.receiver is not None)):
        given = argument(node, parameter.arg, position) if position >= 0 else None
        if isinstance(given, ast.Name) and given.id in frame.constants and _bound_once(frame, given.id):
            found[parameter.arg] = frame.constants[given.id]
        elif position >= 0 and (value := given or default) is not None:
            found.update((parameter.arg, item) for item in _constant(frame, value))
    changed = routine.module.cached(("changed", routine.node), lambda: _changed(routine.node)) if found else ()
    return {
        name: result
        for name, value in found.items()
        if name not in changed
        for result in _completed(routine.module, routine.node, name, value)
    }


def _completed(module: Module, node: ast.AST, name: str, value: object) -> list[object]:
    """Return the constant that a parameter is when the function uses it; nothing if that cannot be seen."""
    rebinding = _rebindings(module, node).get(name)
    if rebinding is None:
        return [value]
    try:
        return [_result(rebinding, name, value)]
    except (KeyError, TypeError, ValueError):
        return []


def _rebindings(module: Module, node: ast.AST) -> dict[str, ast.expr]:
    """Find the parameters that a function completes before it uses them, ``include = include or {"id"}``."""
    return module.cached(("rebindings", node), lambda: dict(_rebinding(node)))


def _rebinding(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    used: set[str] = set()
    for statement in getattr(node, "body", ()) if not isinstance(node, ast.Lambda) else ():
        inner = statement.body[0] if isinstance(statement, ast.If) and len(statement.body) == 1 else statement
        if (
            isinstance(inner, ast.Assign)
            and len(inner.targets) == 1
            and isinstance(target := inner.targets[0], ast.Name)
        ):
            value = inner.value
            if isinstance(statement, ast.If):
                value = ast.IfExp(statement.test, inner.value, target)
            if target.id not in used and (not isinstance(statement, ast.If) or not statement.orelse):
                yield target.id, value
        used.update(item.id for item in ast.walk(statement) if isinstance(item, ast.Name))


def _result(node: ast.expr, name: str, value: object) -> Any:
    """Evaluate what completes a parameter.

    Raises:
        ValueError: It is none of the usual forms.
    """
    if isinstance(node, ast.Name) and node.id == name:
        return value
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and len(node.values) == 2:
        return _result(node.values[0], name, value) or _result(node.values[1], name, value)
    if isinstance(node, ast.IfExp):
        return _result(node.body if _result(node.test, name, value) else node.orelse, name, value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _result(node.operand, name, value)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
        found = _result(node.left, name, value) is ast.literal_eval(node.comparators[0])
        return found is isinstance(node.ops[0], ast.Is)
    return ast.literal_eval(node)


def _changed(node: ast.AST) -> set[str]:
    """List the names whose values may be changed in place."""
    attributes = [
        item for item in ast.walk(node) if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name)
    ]
    return {item.value.id for item in attributes if item.attr in _CHANGES and isinstance(item.value, ast.Name)}


def decision(frame: Frame, test: ast.expr) -> bool | None:
    """Tell how a condition ends that depends on constants only, for each item if a loop goes over one; else None."""
    if isinstance(test, ast.Name):
        truths = {bool(value) for value in _held(frame, test)}
        return truths.pop() if len(truths) == 1 else None
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    operate = _OPERATORS.get(type(test.ops[0]))
    try:
        pairs = [(left, right) for left in _held(frame, test.left) for right in _held(frame, test.comparators[0])]
        results = {bool(operate(left, right)) for left, right in pairs} if operate is not None else set()
    except (TypeError, ValueError):
        return None
    return results.pop() if len(results) == 1 else None


def matched(frame: Frame, name: str, pattern: ast.pattern) -> bool | None:
    """Tell whether a constant that a name holds matches a pattern; None if that cannot be seen."""
    if name not in frame.constants or not _bound_once(frame, name):
        return None
    parts = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
    try:
        values = [written(frame.module, part.value) for part in parts if isinstance(part, ast.MatchValue)]
    except ValueError:
        return None
    return frame.constants[name] in values if len(values) == len(parts) else None


def _held(frame: Frame, node: ast.expr) -> list[object]:
    """List the constants that an expression may be."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _OF_MEMBERS:
        return [of_member(item, node.attr) for item in _held(frame, node.value)]
    if not isinstance(node, ast.Name):
        return [written(frame.module, node)]
    if node.id in frame.constants and _bound_once(frame, node.id):
        return [frame.constants[node.id]]
    scope = frame.module.index.scopes.get(frame.node)
    bindings = scope.names.get(node.id, ()) if scope is not None else ()
    if len(bindings) != 1:
        return []
    turns = bindings[0].value if bindings[0].kind == "for" and not bindings[0].unpack else None
    found = _held(frame, turns) if isinstance(turns, ast.Name) else []
    return [item for items in found if isinstance(items, (tuple, list, set)) for item in items]


def _bound_once(frame: Frame, name: str) -> bool:
    """Tell whether a name is given a value once, what completes a parameter aside."""
    scope = frame.module.index.scopes.get(frame.node)
    completed = name in _rebindings(frame.module, frame.node)
    return scope is not None and len(scope.names.get(name, ())) == 1 + completed


def _constant(frame: Frame, node: ast.expr) -> list[object]:
    """Return the constant that an expression is; nothing if it is none, or may change before it is used."""
    found = known(frame.module, node)
    fixed = not isinstance(node, (ast.Name, ast.Attribute)) or isinstance(found, _FIXED)
    return [found] if found is not UNSEEN and fixed else []


def decided(routine: Routine, given: Mapping[str, object]) -> dict[str, bool]:
    """Say by their texts which conditions of a function are true, and which are not.

    Args:
        routine: The function.
        given: The constants that it is given.
    """
    found: dict[str, bool] = {}
    for name, value in given.items():
        found |= {name: bool(value), f"{name} is None": value is None}
    if all(value is None or isinstance(value, bool) for value in given.values()):
        return found
    for test in routine.module.cached(("compared", routine.node), lambda: _compared(routine.node)):
        try:
            result = _OPERATORS[type(test.ops[0])](
                *(_value(routine.module, part, given) for part in (test.left, test.comparators[0]))
            )
        except (KeyError, TypeError, ValueError):
            continue
        text, positive = text_of(test)
        found[text] = bool(result) is positive
    return found


def _compared(node: ast.AST) -> list[ast.Compare]:
    return [item for item in ast.walk(node) if isinstance(item, ast.Compare) and len(item.ops) == 1]


def _value(module: Module, node: ast.expr, given: Mapping[str, object]) -> object:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in given:
        return of_member(given[node.value.id], node.attr)
    return given[node.id] if isinstance(node, ast.Name) else written(module, node)
