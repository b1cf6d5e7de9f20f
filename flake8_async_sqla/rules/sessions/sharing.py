"""From one session that everybody shares to a factory that opens one where it is used."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flake8_async_sqla.fixes.vocabulary import (
    AddKeyword,
    Code,
    Edit,
    Fix,
    Refusal,
    ReplaceExpression,
    ReplaceName,
    ReplaceStatement,
    WrapStatements,
    unsafe,
)
from flake8_async_sqla.semantics.calls import ASYNC_SESSION, ASYNC_SESSIONMAKER
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import SessionCall
from flake8_async_sqla.semantics.types import Instance

REASON = "each place that uses the session gets one of its own, and commits nothing that another place wrote"


def open_where_used(module: Module, session: SessionCall, reads: Sequence[ast.expr]) -> Fix | Refusal:
    """Describe the fix that keeps the factory where a session was kept.

    Args:
        module: The module of the session.
        session: The call that makes the session.
        reads: All expressions of the project that read it; they must be in ``module``.
    """
    made = _factory_edits(module, session)
    if isinstance(made, Refusal):
        return made
    edits = made
    functions: dict[ast.AsyncFunctionDef, list[ast.expr]] = {}
    for read in reads:
        function = module.function(read)
        if not isinstance(function, ast.AsyncFunctionDef):
            return Refusal(f"the session is used outside of coroutines, on line {read.lineno}")
        functions.setdefault(function, []).append(read)
    for function, used in functions.items():
        opened = _open_in(module, function, used)
        if isinstance(opened, Refusal):
            return opened
        edits.extend(opened)
    return unsafe(REASON, *edits)


def _factory_edits(module: Module, session: SessionCall) -> list[Edit] | Refusal:
    call = session.call
    if not session.direct:
        if call.args or call.keywords:
            return Refusal("the session is made with options of its own")
        return [ReplaceExpression(call, Code("{factory}", nodes={"factory": call.func}))]
    if "1.4" in module.project.settings.targets:
        return Refusal("SQLAlchemy 1.4 has no async_sessionmaker")
    edits: list[Edit] = [ReplaceName(call.func, ASYNC_SESSIONMAKER)]
    if session.made != Instance(ASYNC_SESSION, module.origin(call)):
        edits = [
            ReplaceExpression(call.func, Code("{factory}", symbols={"factory": ASYNC_SESSIONMAKER})),
            AddKeyword(call, "class_", Code("{cls}", nodes={"cls": call.func})),
        ]
    return edits


def _open_in(module: Module, function: ast.AsyncFunctionDef, used: list[ast.expr]) -> list[Edit] | Refusal:
    """Wrap the statements of one function that use the session in ``async with factory() as session:``."""
    edits: list[Edit] = []
    kept: list[ast.expr] = []
    for read in used:
        closing = _closing_statement(module, read)
        if closing is not None:
            edits.append(ReplaceStatement(closing, Code("")))
        else:
            kept.append(read)
    if not kept:
        return edits
    name = "session" if isinstance(kept[0], ast.Subscript) else _last_name(kept[0])
    scope = module.index.scopes[function]
    if name in scope.names or (not isinstance(kept[0], ast.Name) and name in scope.loads):
        return Refusal(f"the name '{name}' is taken in {function.name}()")
    positions = [_position(module, function, read) for read in kept]
    first, last = function.body[min(positions)], function.body[max(positions)]
    if isinstance(kept[0], ast.Name):
        name = f"{name}_" if name != "session" else "opened"
        if name in scope.names or name in scope.loads:
            return Refusal(f"the name '{name}' is taken in {function.name}()")
    edits.append(WrapStatements(first, last, Code(f"async with {{place}}() as {name}:", nodes={"place": kept[0]})))
    edits.extend(ReplaceExpression(read, Code(name)) for read in kept)
    return edits


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "session"


def _position(module: Module, function: ast.AsyncFunctionDef, node: ast.AST) -> int:
    around = [node, *module.ancestors(node)]
    return next(number for number, statement in enumerate(function.body) if statement in around)


def _closing_statement(module: Module, read: ast.expr) -> ast.stmt | None:
    """The statement ``await session.close()``: there is nothing left to close."""
    member = module.parent(read)
    call = module.parent(member) if isinstance(member, ast.Attribute) and member.attr in ("close", "aclose") else None
    awaited = module.parent(call) if isinstance(call, ast.Call) else None
    statement = module.parent(awaited) if isinstance(awaited, ast.Await) else None
    return statement if isinstance(statement, ast.Expr) else None
