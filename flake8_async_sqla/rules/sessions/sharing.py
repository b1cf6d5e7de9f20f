"""From one session that everybody shares to a factory that opens one where it is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from flake8_async_sqla.fixes.vocabulary import (
    Code,
    Edit,
    Fix,
    Refusal,
    ReplaceExpression,
    ReplaceStatement,
    WrapStatements,
    unsafe,
)
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.order import path

Read: TypeAlias = ast.Name | ast.Attribute | ast.Subscript

REASON = "each place that uses the session gets one of its own, and commits nothing that another place wrote"
_NAMES = ("session", "db", "opened")
_ELSEWHERE = frozenset({"commit", "flush", "rollback", "refresh"})


def open_where_used(module: Module, kept: list[Edit] | Refusal, reads: Sequence[Read]) -> Fix | Refusal:
    """Describe the fix that keeps the factory where a session was kept, and opens a session where it was used.

    Args:
        module: The module of the session.
        kept: The edits that put the factory in its place.
        reads: All expressions of the project that read the place; they must be in ``module``.
    """
    if isinstance(kept, Refusal):
        return kept
    edits = [*kept]
    functions: dict[ast.AsyncFunctionDef, list[Read]] = {}
    for read in reads:
        function = module.function(read)
        if not isinstance(function, ast.AsyncFunctionDef):
            return Refusal(f"the session is used outside of coroutines, on line {read.lineno}")
        if not _used_in_place(module, read):
            return Refusal(f"the session is handed on, on line {read.lineno}")
        functions.setdefault(function, []).append(read)
    for function, used in functions.items():
        opened = _open_in(module, function, used)
        if isinstance(opened, Refusal):
            return opened
        edits.extend(opened)
    return unsafe(REASON, *edits)


def _used_in_place(module: Module, read: Read) -> bool:
    """Tell whether the session itself stays in the statement that reads it."""
    parent = module.parent(read)
    if isinstance(parent, ast.Attribute):
        return isinstance(module.parent(parent), ast.Call)
    if isinstance(parent, ast.keyword):
        parent = module.parent(parent)
    if isinstance(parent, ast.Call):
        return isinstance(module.parent(parent), ast.Await)
    return isinstance(parent, ast.Yield) and isinstance(module.parent(parent), ast.Expr)


def _open_in(module: Module, function: ast.AsyncFunctionDef, used: list[Read]) -> list[Edit] | Refusal:
    """Wrap the statements of one function that use the session in ``async with factory() as session:``."""
    edits: list[Edit] = []
    kept: list[Read] = []
    for read in used:
        closing = closing_statement(module, read)
        if closing is not None:
            edits.append(ReplaceStatement(closing, Code("")))
        else:
            kept.append(read)
    if not kept:
        return edits
    scope = module.index.scopes[function]
    taken = {*scope.names, *scope.loads, *scope.foreign}
    name = next((name for name in _NAMES if name not in taken), None)
    if name is None:
        return Refusal(f"no name is left for a session in {function.name}()")
    if all(_member(module, read) in _ELSEWHERE for read in kept):
        return Refusal(f"{function.name}() only ends a transaction that other code works in, on line {kept[0].lineno}")
    first, last = _range(module, function, kept)
    place = ast.unparse(kept[0]).replace("'", '"').replace("{", "{{").replace("}", "}}")
    edits.append(WrapStatements(first, last, Code(f"async with {place}() as {name}:")))
    edits.extend(ReplaceExpression(read, Code(name)) for read in kept)
    return edits


def _member(module: Module, read: Read) -> str:
    member = module.parent(read)
    return member.attr if isinstance(member, ast.Attribute) else ""


def _range(module: Module, function: ast.AsyncFunctionDef, reads: list[Read]) -> tuple[ast.stmt, ast.stmt]:
    """Find the statements of one block that hold all reads, and all later reads of what these statements bind."""
    loads = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    for block in _blocks(module, function, reads):
        inside = [{id(inner) for inner in ast.walk(statement)} for statement in block]
        holding = [number for number, nodes in enumerate(inside) if any(id(read) in nodes for read in reads)]
        first, last = holding[0], holding[-1]
        position = 0
        while position <= last:
            bound = _bound(block[position])
            for number in range(last + 1, len(block)):
                if any(load.id in bound and id(load) in inside[number] for load in loads):
                    last = number
            position += 1
        bound = {name for statement in block[first : last + 1] for name in _bound(statement)}
        end = (block[last].end_lineno or 0, block[last].end_col_offset or 0)
        if not any(load.id in bound and (load.lineno, load.col_offset) > end for load in loads):
            break
    return block[first], block[last]


def _blocks(module: Module, function: ast.AsyncFunctionDef, reads: list[Read]) -> Iterator[list[ast.stmt]]:
    """Yield the blocks that hold all reads, innermost first."""
    for step in path(module, reads[0]):
        block = getattr(step.parent, step.field)
        if isinstance(block, list) and isinstance(block[0], ast.stmt):
            inside = {id(inner) for statement in block for inner in ast.walk(statement)}
            if all(id(read) in inside for read in reads):
                yield block


def _bound(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def closing_statement(module: Module, read: ast.expr) -> ast.stmt | None:
    """The statement ``await session.close()``: there is nothing left to close."""
    member = module.parent(read)
    call = module.parent(member) if isinstance(member, ast.Attribute) and member.attr in ("close", "aclose") else None
    awaited = module.parent(call) if isinstance(call, ast.Call) else None
    statement = module.parent(awaited) if isinstance(awaited, ast.Await) else None
    return statement if isinstance(statement, ast.Expr) else None
