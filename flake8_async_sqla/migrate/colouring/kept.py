"""Functions that may stay synchronous: they work with a session that they are given; ``run_sync`` runs them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from flake8_async_sqla.migrate.colouring.operations import Operation, operations
from flake8_async_sqla.migrate.colouring.references import Reference
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.project import Sources, home
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.calls import SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.types import Function, FunctionNode

_HARMLESS = ("sync_view", "schema")


def kept(
    kinds: Kinds, sources: Sources, named: Mapping[FunctionNode, Sequence[Reference]]
) -> dict[FunctionNode, list[tuple[Module, ast.Call, ast.expr]]]:
    """Find these functions, with their calls and the session that each call gives.

    Args:
        kinds: Types.
        sources: The project.
        named: Where functions are named.
    """
    done: dict[ast.AST, list[Operation]] = {}
    for module in sources.modules:
        for operation in operations(kinds, module):
            done.setdefault(home(module, operation.node).node, []).append(operation)
    found = {
        function.node: calls
        for function in sources.functions()
        if _works_with_its_session(kinds, function, done.get(function.node, []))
        and (calls := _calls(kinds, function, named.get(function.node, ()))) is not None
    }
    working = _working(kinds, sources, done)
    while True:
        leaving = [node for node in found if any(callee in working and callee not in found for callee in working[node])]
        if not leaving:
            return found
        for node in leaving:
            del found[node]


def session_parameter(node: FunctionNode) -> str:
    """Return the name of a function's first parameter."""
    first = first_parameter(node.args)
    return first.arg if first is not None else ""


def _works_with_its_session(kinds: Kinds, function: Function, done: Sequence[Operation]) -> bool:
    module, node = function.module, function.node
    name = session_parameter(node)
    uses = module.index.scopes[node].loads.get(name, ())
    plain = isinstance(node, ast.FunctionDef) and not node.decorator_list and not is_generator(module, node)
    if not plain or not uses or module.parent(node) is not module.tree or is_test(module):
        return False
    if len(module.index.scopes[node].names[name]) != 1 or not is_a(kinds.of(module, uses[0]), SESSION):
        return False
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    if any(isinstance(part, inner) for part in ast.walk(node) if part is not node):
        return False
    return all(_holder(operation) == name for operation in done)


def _holder(operation: Operation) -> str:
    """Return the name that an operation begins with; empty for anything else than work of a session."""
    if operation.action in _HARMLESS:
        return ""
    node: ast.AST = operation.node
    if isinstance(node, ast.With):
        node = node.items[0].context_expr if len(node.items) == 1 else node
    while isinstance(node, (ast.Call, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _calls(
    kinds: Kinds, function: Function, places: Sequence[Reference]
) -> list[tuple[Module, ast.Call, ast.expr]] | None:
    """List the calls of a function with the session they give; None where one gives it in another way."""
    found: list[tuple[Module, ast.Call, ast.expr]] = []
    name = session_parameter(function.node)
    is_run = False
    for place in places:
        call = place.module.parent(place.node)
        if place.use == "sync":
            is_run = True
            continue
        if place.use != "call" or not isinstance(call, ast.Call):
            return None
        named = [keyword.value for keyword in call.keywords if keyword.arg == name]
        session = next(iter([*named, *call.args]), None)
        starred = any(isinstance(value, ast.Starred) for value in call.args)
        if session is None or starred or not is_a(kinds.of(place.module, session), SESSION):
            return None
        found.append((place.module, call, session))
    return found if found or is_run else None


def _working(kinds: Kinds, sources: Sources, done: Mapping[ast.AST, object]) -> dict[FunctionNode, set[FunctionNode]]:
    """Map the functions that reach the database, themselves or through others, to those they call."""
    calls: dict[FunctionNode, set[FunctionNode]] = {}
    for function in sources.functions():
        called = (
            kinds.called(function.module, call)
            for call in own_nodes(function.module, function.node, ast.Call)
            if isinstance(call, ast.Call)
        )
        calls[function.node] = {callee.node for callee in called if callee is not None}
    working = {node for node in calls if node in done}
    while more := {node for node, callees in calls.items() if node not in working and callees & working}:
        working |= more
    return {node: callees for node, callees in calls.items() if node in working}
