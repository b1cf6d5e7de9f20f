"""
# session-used-after-block

## What it does
Finds a session that is used after its `async with` block.

## Why is this bad?
The block has closed the session and rolled back what was not committed. A `commit()` after it commits nothing: the changes are lost without an error.
A query after it opens a connection again, which nobody gives back.

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
from flake8_async_sqla.semantics.bindings import reaching
from flake8_async_sqla.semantics.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import SessionCall

_WRITES = frozenset({"commit", "flush", "add", "add_all", "delete", "merge"})
_READS = frozenset({"execute", "exec", "scalar", "scalars", "stream", "stream_scalars", "get", "get_one", "refresh"})


@rule("ASQ212", symptom="changes are lost, or a connection is opened that nobody gives back")
def session_used_after_block(session: SessionCall, module: Module) -> Iterator[Diagnostic]:
    """Report the first use of a session after its block."""
    item = module.parent(session.call)
    block = module.parent(item) if isinstance(item, ast.withitem) else None
    if not isinstance(block, ast.AsyncWith) or not isinstance(item, ast.withitem):
        return
    if not isinstance(item.optional_vars, ast.Name) or not is_a(session.made, ASYNC_SESSION):
        return
    name = item.optional_vars.id
    scope = module.scope_of(block)
    for use in sorted(scope.loads.get(name, ()), key=lambda node: (node.lineno, node.col_offset)):
        if (use.lineno, use.col_offset) <= (block.end_lineno or 0, block.end_col_offset or 0):
            continue
        member = module.parent(use)
        if not isinstance(member, ast.Attribute) or member.attr not in _WRITES | _READS:
            continue
        if not isinstance(module.parent(member), ast.Call) or not _follows(module, block, use):
            continue
        bindings = reaching(module, scope.names.get(name, []), use)
        if [binding.node for binding in bindings] == [item]:
            what = "changes nothing" if member.attr in _WRITES else "opens a connection that nobody gives back"
            yield Diagnostic(
                at=use,
                message=f"'{name}' was closed at the end of its block (line {block.end_lineno}): {member.attr}() {what}; "
                "move it into the block",
            )
            return


def _follows(module: Module, block: ast.AsyncWith, use: ast.AST) -> bool:
    """Tell whether a use stands in a statement after the block, in the same list of statements."""
    parent = module.parent(block)
    around = {id(node) for node in module.ancestors(use)}
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(parent, name, None)
        if isinstance(statements, list) and block in statements:
            return any(id(later) in around for later in statements[statements.index(block) + 1 :])
    return False
