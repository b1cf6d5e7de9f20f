"""
# session-used-after-block

## What it does
Finds a session that is used after the `async with` block that closed it: `commit()` or `flush()` as the first thing, or
anything else that nothing after it commits or closes. The same for a session that a function returns out of its block,
where one who calls it, or is injected with it, works with the session and does not close it.

## Why is this bad?
The block has closed the session and rolled back what was not committed. A `commit()` after it commits nothing: the
changes are lost without an error. A query after it takes a connection again, which nobody gives back: `SAWarning: The
garbage collector is trying to clean up non-checked-in connection`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def rename(name: str) -> None:
        async with factory() as session:
            await session.execute(text("UPDATE users SET name = :name"), {"name": name})
        await session.commit()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def rename(name: str) -> None:
        async with factory() as session:
            await session.execute(text("UPDATE users SET name = :name"), {"name": name})
            await session.commit()

## Fix safety
There is no fix: what else belongs into the block is yours to say.

## References
- [SQLAlchemy: opening and closing a session](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#opening-and-closing-a-session)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.returning import returned_closed
from flake8_async_sqla.semantics.inference.bindings import entered, reaching
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, ASYNC_SESSIONMAKER, SESSIONMAKER
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import manager_kind, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.order import follows
from flake8_async_sqla.semantics.types import Function, Member

_ENDS = frozenset({"commit", "flush"})
_STARTS = frozenset(
    {"add", "add_all", "delete", "exec", "execute", "get", "get_one", "merge", "refresh", "scalar", "scalars", "stream"}
)
_GIVES_BACK = frozenset({"aclose", "close", "rollback"})
_IDLE = frozenset({"bind", "in_transaction", "info", "is_active", "sync_session"})


@rule("ASQ212", symptom="changes are lost, or a connection is taken that nobody gives back")
def session_used_after_block(block: ast.AsyncWith, module: Module) -> Iterator[Diagnostic]:
    """Report the first use of a session after its block."""
    for item in block.items:
        name = _closed(module, item)
        if name and (value := returned_closed(module, block, name)) is not None:
            yield Diagnostic(
                at=value,
                message=f"'{name}' is closed before the caller has it: what the caller does takes a connection that "
                "nobody gives back; yield it out of the block",
            )
        uses = list(_uses(module, block, item, name)) if name else []
        members = [_member(module, use) for use in uses]
        at, first = next(
            ((use, member) for use, member in zip(uses, members, strict=True) if member not in _GIVES_BACK), (None, "")
        )
        if at is None:
            continue
        if first in _ENDS:
            what = "has nothing left to write"
        elif first in _STARTS and all(member in _STARTS or member == "flush" for member in members):
            what = "is never committed" if first in ("add", "add_all") else "takes a connection that nobody gives back"
        else:
            continue
        yield Diagnostic(
            at=at,
            message=f"'{name}' was closed at the end of its block (line {block.end_lineno}): {first}() {what}; "
            "move it into the block",
        )


def _closed(module: Module, item: ast.withitem) -> str:
    """Name the session that is closed at the end of a block; empty if that is not certain."""
    manager = item.context_expr
    if item.optional_vars is None:
        return manager.id if isinstance(manager, ast.Name) and is_a(module.type_of(manager), ASYNC_SESSION) else ""
    if not isinstance(item.optional_vars, ast.Name) or not is_a(entered(module.type_of(manager)), ASYNC_SESSION):
        return ""
    func = module.type_of(manager.func) if isinstance(manager, ast.Call) else None
    if isinstance(func, Member) and not is_a(func.receiver, ASYNC_SESSIONMAKER, SESSIONMAKER):
        return ""
    return item.optional_vars.id if not isinstance(func, Function) or _closes(func) else ""


def _closes(function: Function) -> bool:
    """Tell whether a project function makes a context manager around a session of its own, or returns a session."""
    module, node = function.module, function.node
    if manager_kind(module, node) is None:
        return isinstance(node, ast.FunctionDef)
    for found in own_nodes(module, node, ast.Yield):
        value = found.value if isinstance(found, ast.Yield) else None
        held = module.scope_of(value).names.get(value.id, []) if isinstance(value, ast.Name) else []
        made = [binding.value for binding in held if binding.kind == "async with"]
        if len(held) != 1 or len(made) != 1 or not isinstance(made[0], ast.Call):
            return False
    return True


def _uses(module: Module, block: ast.AsyncWith, item: ast.withitem, name: str) -> Iterator[ast.Name]:
    """Yield the uses after a block that certainly see its session, in the order of the text."""
    scope = module.scope_of(block)
    end = (block.end_lineno or 0, block.end_col_offset or 0)
    bindings = scope.names.get(name, [])
    here = item if item.optional_vars is not None else None
    before = [binding.node for binding in reaching(module, bindings, item.context_expr)]
    for use in sorted(scope.loads.get(name, ()), key=lambda node: (node.lineno, node.col_offset)):
        if (use.lineno, use.col_offset) > end and follows(module, block, use):
            seen = [binding.node for binding in reaching(module, bindings, use)]
            if seen == ([here] if here is not None else before) and _member(module, use) not in _IDLE:
                yield use


def _member(module: Module, use: ast.Name) -> str:
    """The method of a session that a use calls; empty for uses of any other kind."""
    member = module.parent(use)
    if isinstance(member, ast.Compare):
        return "is_active"
    if not isinstance(member, ast.Attribute):
        return ""
    return member.attr if member.attr in _IDLE or isinstance(module.parent(member), ast.Call) else ""
