"""Operations on sessions, connections and engines."""

from __future__ import annotations

import ast
import re

from flake8_async_sqla.fixes.vocabulary import AddAwait, Code, MakeAsync, ReplaceExpression, ReplaceStatement
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.colouring.operations import Operation, enters
from flake8_async_sqla.migrate.edits.handing import handed_on
from flake8_async_sqla.migrate.edits.inspecting import inspection
from flake8_async_sqla.migrate.edits.streaming import streaming
from flake8_async_sqla.migrate.edits.templates import argument_template
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import sync_class
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.semantics.inference.calls import ENGINE, argument
from flake8_async_sqla.semantics.module import Module

_TEXT = "sqlalchemy.text"
_TAKES_SQL = frozenset({"execute", "scalar", "scalars"})


def operation_edits(kinds: Kinds, colouring: Colouring, plan: Plan, entered: set[ast.withitem]) -> None:
    """Plan the operations of coroutine functions.

    Args:
        kinds: Types.
        colouring: What is coloured.
        plan: Where the edits go.
        entered: The ``with`` items that enter coloured context managers of the project.
    """
    for operation in colouring.operations:
        module, node = operation.module, operation.node
        if operation.action == "sync_view":
            _sync_view(kinds, operation, plan)
        if node in colouring.bridged or not isinstance(node, ast.Call):
            continue
        if operation.action == "await":
            _as_text(operation, node, plan)
            if handed_on(module, node) is None and not streaming(operation, node, plan):
                plan.edit(module, AddAwait(node))
        elif operation.action == "bridge":
            _bridge(operation, node, plan)
        elif operation.action == "run_sync":
            _run_sync(operation, node, plan)
        elif operation.action == "inspect":
            inspection(operation, node, plan)
        elif operation.action == "schema":
            _schema(kinds, operation, node, plan)
    _blocks(kinds, colouring, plan, entered)


def _as_text(operation: Operation, call: ast.Call, plan: Plan) -> None:
    """Wrap SQL that SQLAlchemy 1.4 took as a plain string; parameters in a driver's own form stay for the audit."""
    sql = argument(call, "statement", 0) if operation.name.rpartition(".")[2] in _TAKES_SQL else None
    if isinstance(sql, ast.Constant) and isinstance(sql.value, str) and not re.search(r"%[%s(]|\?", sql.value):
        plan.edit(operation.module, ReplaceExpression(sql, Code("{text}({sql})", {"sql": sql}, {"text": _TEXT})))


def _blocks(kinds: Kinds, colouring: Colouring, plan: Plan, entered: set[ast.withitem]) -> None:
    """Plan the ``with`` blocks that enter sessions, or what becomes an asynchronous context manager."""
    own = [(found.module, found.node) for found in colouring.operations if found.action == "with"]
    known: list[tuple[Module, ast.expr]] = [(place.module, call) for place, call, _ in colouring.calls]
    known += [(place.module, place.node) for place in colouring.entered]
    outer = [(module, module.parent(node)) for module, node in known]
    around = [(module, module.parent(item)) for module, item in outer if item is not None and item in entered]
    for module, block in dict.fromkeys([*own, *around]):
        if not isinstance(block, ast.With):
            continue
        given = [item.context_expr for item in block.items if item not in entered]
        if all(enters(kinds, module, value) or colouring.clients.is_client(module, value) for value in given):
            plan.edit(module, MakeAsync(block))
        else:
            plan.refuse(module, block, "one 'with' enters synchronous and asynchronous things; split it")


def _bridge(operation: Operation, call: ast.Call, plan: Plan) -> None:
    """Let a synchronous function that works with a session run through ``run_sync``."""
    assert operation.target is not None
    template, nodes = argument_template(call, operation.target)
    more = f", {template}" if template else ""
    text = f"await {{session}}.run_sync({{function}}{more})"
    nodes |= {"session": operation.target, "function": call.func}
    plan.edit(operation.module, ReplaceExpression(call, Code(text, nodes)))
    plan.bridges.append(remark(operation.module, call, f"run_sync() runs {operation.name}"))


def _run_sync(operation: Operation, call: ast.Call, plan: Plan) -> None:
    """Let ``session.bulk_save_objects(objects)``, or the call of a factory, run through ``run_sync``."""
    assert operation.target is not None
    inner = free_name(operation.module, call, "sync_session")
    if not isinstance(call.func, ast.Attribute) or call.func.value is not operation.target:
        code = Code(
            f"await {{session}}.run_sync(lambda {inner}: {{call}})", {"session": operation.target, "call": call}
        )
        plan.edit(operation.module, ReplaceExpression(call, code))
        return
    template, nodes = argument_template(call, None)
    text = f"await {{session}}.run_sync(lambda {inner}: {inner}.{call.func.attr}({template}))"
    plan.edit(operation.module, ReplaceExpression(call, Code(text, {"session": call.func.value, **nodes})))


def _sync_view(kinds: Kinds, operation: Operation, plan: Plan) -> None:
    target = operation.target
    assert target is not None
    name = sync_class(kinds.of(operation.module, target)).rpartition(".")[2]
    view = {"Engine": "sync_engine", "Session": "sync_session"}.get(name)
    if view is None:
        plan.refuse(operation.module, operation.node, "events of this object have no asyncio form")
    else:
        plan.edit(operation.module, ReplaceExpression(target, Code(f"{{target}}.{view}", {"target": target})))


def _schema(kinds: Kinds, operation: Operation, call: ast.Call, plan: Plan) -> None:
    module = operation.module
    statement = module.parent(call)
    code, nodes = schema_call(operation, call, free_name(module, call, "connection"))
    if sync_class(kinds.of(module, operation.target)) != ENGINE:
        text = code.partition("\n")[2].strip().replace(free_name(module, call, "connection"), "{engine}", 1)
        plan.edit(module, ReplaceExpression(call, Code(text, nodes)))
    elif isinstance(statement, (ast.Expr, ast.Return)):
        end = "\nreturn" if isinstance(statement, ast.Return) else ""
        plan.edit(module, ReplaceStatement(statement, Code(f"{code}{end}", nodes)))
    else:
        plan.refuse(module, call, f"{operation.name} with an engine has to be a statement of its own")


def schema_call(operation: Operation, call: ast.Call, connection: str) -> tuple[str, dict[str, ast.AST]]:
    """Return the template of a schema operation, and its nodes.

    Args:
        operation: The operation.
        call: Its call.
        connection: A name for the connection.
    """
    if operation.action == "start":
        return "await {called}", {"called": call}
    bind = argument(call, "bind", 0)
    template, nodes = argument_template(call, bind)
    more = f", {template}" if template else ""
    assert operation.target is not None
    lines = f"async with {{engine}}.begin() as {connection}:\n    await {connection}.run_sync({{method}}{more})"
    return lines, {"engine": operation.target, "method": call.func, **nodes}
