"""
# write-on-connection-without-commit

## What it does
Finds `INSERT`, `UPDATE` and `DELETE` on a connection of `engine.connect()` whose end no commit comes before, and on
PostgreSQL also DDL: `CREATE TABLE`, `run_sync(metadata.create_all)`. Connections and engines with an `isolation_level`
or other options are left alone, and so are connections that unseen code is given, and tests.

## Why is this bad?
A connection of SQLAlchemy 2.0 begins a transaction by itself and never commits by itself: the end of the block rolls it
back, without an error. (SQLAlchemy 1.4 still committed each statement.)

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def rename(name: str) -> None:
        async with engine.connect() as connection:
            await connection.execute(text("UPDATE users SET name = :name"), {"name": name})

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def rename(name: str) -> None:
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE users SET name = :name"), {"name": name})

## Fix safety
Unsafe: `engine.begin()` takes the place of `engine.connect()`, and what was rolled back until now is committed.

## References
- [SQLAlchemy: library level autocommit was removed](https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#library-level-but-not-driver-level-autocommit-removed-from-both-core-and-orm)
- [SQLAlchemy: begin once](https://docs.sqlalchemy.org/en/20/core/connections.html#begin-once)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.transactions.reports import told
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identity import Key
from flake8_async_sqla.semantics.objects.origins import engine_origin
from flake8_async_sqla.semantics.transactions.problems import walks
from flake8_async_sqla.semantics.transactions.states import Write
from flake8_async_sqla.semantics.transactions.walk import Walk
from flake8_async_sqla.semantics.transactions.writes import is_ddl


@rule(
    "ASQ707",
    symptom="the changes are rolled back when the connection is closed",
    fixable="sometimes",
    words=("connect(", "await "),
)
def write_on_connection_without_commit(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report the first change of a connection that no commit follows."""
    if is_test(module):
        return
    for walk in walks(module):
        told_keys: set[Key] = set()
        for write, (key, end) in walk.lost.items():
            at = write.place.site
            if key in told_keys or not isinstance(at, (ast.expr, ast.stmt)) or not _is_lost(walk, write, key, end):
                continue
            told_keys.add(key)
            yield Diagnostic(
                at=at,
                message=f"{told(at)} writes, and no commit() follows before the connection is closed: the change is "
                "rolled back; commit, or use engine.begin()",
                fix=partial(_fix, module, end),
            )


def _is_lost(walk: Walk, write: Write, key: Key, end: ast.AST) -> bool:
    if write in walk.committed or key in walk.leaked or walk.kinds.get(key) != "connection":
        return False
    if write.handed or not is_ddl(write.place.module, write.subject):
        return True
    kind = walk.module.type_of(end) if isinstance(end, ast.expr) else None
    made = engine_origin(getattr(kind, "result", kind)) if kind is not None else None
    found = urls(made.module, argument(made.call, "url", 0)) if made is not None else []
    return bool(found) and all(url.scheme.startswith("postgresql") for url in found)


def _fix(module: Module, end: ast.AST) -> Fix | Refusal:
    item = module.parent(end)
    func = end.func if isinstance(end, ast.Call) else None
    if not isinstance(item, ast.withitem) or not isinstance(func, ast.Attribute) or func.attr != "connect":
        return Refusal("the connection is not opened by this block")
    block = module.parent(item)
    calls = (node.func for node in ast.walk(block) if isinstance(node, ast.Call)) if block is not None else ()
    if any(isinstance(inner, ast.Attribute) and inner.attr in ("begin", "commit", "rollback") for inner in calls):
        return Refusal("the block ends transactions itself")
    begin = Code("{engine}.begin", {"engine": func.value})
    return unsafe("what was rolled back until now is committed", ReplaceExpression(func, begin))
