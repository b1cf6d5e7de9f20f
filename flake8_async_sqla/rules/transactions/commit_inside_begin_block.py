"""
# commit-inside-begin-block

## What it does
Finds `commit()`, `rollback()` or `close()` inside `async with session.begin():`, `factory.begin()`, `engine.begin()`
or `begin_nested()` where the block goes on using the session or connection: later in the block, in the loop's next
turn, or in functions that it is given to. As the last thing in the block it does no harm, and is not reported.

## Why is this bad?
The block owns its transaction and ends it at its end. Ended before, nothing more may run in the block:
`InvalidRequestError: Can't operate on closed transaction inside context manager.  Please complete the context manager
before emitting further commands.`

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def rename(names: list[str]) -> None:
        async with factory() as session, session.begin():
            for name in names:
                await session.execute(text("UPDATE users SET name = :name"), {"name": name})
                await session.commit()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def rename(names: list[str]) -> None:
        async with factory() as session, session.begin():
            for name in names:
                await session.execute(text("UPDATE users SET name = :name"), {"name": name})

## Fix safety
Unsafe: the fix removes the `commit()`, and the changes are committed all at once at the end of the block. There is none
for `rollback()` and `close()`, and where another function commits.

## References
- [SQLAlchemy: framing out a begin / commit / rollback block](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#framing-out-a-begin-commit-rollback-block)
- [sqlalchemy/sqlalchemy#6288](https://github.com/sqlalchemy/sqlalchemy/issues/6288)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceStatement, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.transactions.reports import found, told
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.transactions.states import Place


@rule(
    "ASQ702",
    symptom="Can't operate on closed transaction inside context manager",
    fixable="sometimes",
    words=("await", "async with"),
)
def commit_inside_begin_block(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report what ends a transaction inside the block that owns it, before the block's last use of it."""
    seen: set[ast.AST] = set()
    for item in found(module, "ended"):
        at = item.because.site
        if at in seen or not isinstance(at, (ast.expr, ast.stmt, ast.arg)):
            continue
        seen.add(at)
        ending = told(item.because.node)
        ending = f"{ending} ends" if at is item.because.node else f"{told(at)} calls {ending}, which ends"
        line = getattr(item.at, "lineno", 0)
        yield Diagnostic(
            at=at,
            message=f"{ending} the transaction of the block around it: {told(item.at)} "
            f"in line {line} raises InvalidRequestError; leave it to the end of the block",
            fix=partial(_fix, module, item.because),
        )


def _fix(module: Module, because: Place) -> Fix | Refusal:
    call = because.node
    if because.site is not call or not isinstance(call, ast.Call) or told(call) != "commit()":
        return Refusal("only a commit of the block's own is removed")
    statement = module.statement(call)
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, (ast.Await, ast.Call)):
        return Refusal("the commit is part of a larger statement")
    value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    if value is not call:
        return Refusal("the commit is part of a larger expression")
    parent = module.parent(statement)
    blocks = [block for name in ("body", "orelse", "finalbody") if statement in (block := getattr(parent, name, []))]
    code = Code("pass") if any(len(block) == 1 for block in blocks) else Code("")
    return unsafe("all changes are committed at once, at the end of the block", ReplaceStatement(statement, code))
