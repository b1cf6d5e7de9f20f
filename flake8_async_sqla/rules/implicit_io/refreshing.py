"""Refreshing an object before something of it is read."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flake8_async_sqla.fixes.vocabulary import Code, Fix, InsertBefore, Refusal, unsafe
from flake8_async_sqla.rules.implicit_io.loading import load, unloaded_by_refresh
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.inference.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode, Member, ProjectInstance

COST = "the refresh is one more query"


def refresh(module: Module, failure: Failure, names: Sequence[str] = ()) -> Fix | Refusal:
    """Refresh the object before the statement that reads.

    Args:
        module: The module.
        failure: The read.
        names: The attributes to refresh; all columns if there are none.
    """
    function = module.function(failure.at)
    owner = failure.at.value if isinstance(failure.at, ast.Attribute) else _handed(module, failure)
    if failure.chain or not isinstance(owner, ast.Name) or function is None:
        return Refusal("the object that is read has no name here")
    if module.scope_of(failure.at).node is not function:
        return Refusal("the read is inside an expression that reads several objects")
    if (session := _session(module, function, failure)) is None:
        return Refusal("the session cannot be named here")
    statement = module.statement(failure.at)
    if isinstance(statement, ast.While) or _is_elif(module, statement):
        return Refusal("nothing can be put before the condition that reads")
    wanted = f", {_listed(names)}" if names else ""
    return unsafe(COST, InsertBefore(statement, Code(f"await {session}.refresh({owner.id}{wanted})")))


def loaded_or_refreshed(module: Module, failure: Failure) -> Fix | Refusal:
    """Let the query that feeds the object load the attribute, or refresh it by name after a ``refresh()``."""
    if unloaded_by_refresh(failure):
        return refresh(module, failure, [failure.attribute])
    return load(module, failure)


def _handed(module: Module, failure: Failure) -> ast.expr | None:
    """Find the object that is returned to a response model or given to a schema, if it is certainly one."""
    if failure.sink is None or len(failure.path) > 1:
        return None
    given = failure.at.args[0] if isinstance(failure.at, ast.Call) and failure.at.args else failure.at
    kind = module.type_of(given)
    return given if isinstance(kind, ProjectInstance) and kind.cls == failure.cls else None


def _listed(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _is_elif(module: Module, statement: ast.stmt) -> bool:
    parent = module.parent(statement)
    line = module.lines[statement.lineno - 1][statement.col_offset :]
    return isinstance(parent, ast.If) and statement in parent.orelse and line.startswith("elif")


def _session(module: Module, function: FunctionNode, failure: Failure) -> str | None:
    """Write the session of the object: the one that is its cause, or the only one that the function names."""
    causes = [failure.cause.node] if failure.cause is not None and failure.cause.module == module else []
    for cause in causes:
        if module.function(cause) is function:
            for node in (cause, *module.ancestors(cause)):
                if isinstance(node, ast.stmt):
                    break
                if isinstance(node, ast.Call) and (found := _receiver(module, node)) is not None:
                    return found
    calls = own_nodes(module, function, ast.Call)
    receivers = {found for call in calls if isinstance(call, ast.Call) and (found := _receiver(module, call))}
    return receivers.pop() if len(receivers) == 1 else None


def _receiver(module: Module, call: ast.Call) -> str | None:
    """Write what a method of a session is called on, if that is a name or an attribute."""
    kind = module.type_of(call.func)
    if not isinstance(kind, Member) or not is_a(kind.receiver, ASYNC_SESSION, ASYNC_SCOPED_SESSION):
        return None
    value = call.func.value if isinstance(call.func, ast.Attribute) else None
    plain = all(isinstance(part, (ast.Name, ast.Attribute, ast.Load)) for part in ast.walk(value)) if value else False
    return ast.unparse(value) if value is not None and plain else None
