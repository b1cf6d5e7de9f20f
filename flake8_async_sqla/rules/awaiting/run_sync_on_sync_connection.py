"""
# run-sync-on-sync-connection

## What it does
Finds `run_sync()` on a synchronous connection, session or engine.

## Why is this bad?
`AttributeError: 'Connection' object has no attribute 'run_sync'`. It belongs to `AsyncConnection` and `AsyncSession`;
a synchronous connection is given to the function as it is.

## Example
    from sqlalchemy import Engine, MetaData

    metadata = MetaData()


    def create_tables(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.run_sync(metadata.create_all)

## Use instead
    from sqlalchemy import Engine, MetaData

    metadata = MetaData()


    def create_tables(engine: Engine) -> None:
        with engine.begin() as connection:
            metadata.create_all(connection)

## Fix safety
Safe: the function is called with the connection; the program cannot run as it is.

## References
- [SQLAlchemy: AsyncConnection.run_sync](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncConnection.run_sync)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Edit, Fix, Refusal, RemoveAwait, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.awaiting.coroutines import class_name
from flake8_async_sqla.semantics.inference.calls import ENGINE, SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import MemberCall
from flake8_async_sqla.semantics.types import Member

_SYNC = ("sqlalchemy.Connection", SESSION, ENGINE)


@rule("ASQ312", symptom="'Connection' object has no attribute 'run_sync'", fixable="sometimes")
def run_sync_on_sync_connection(subject: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report run_sync on objects that are synchronous."""
    if subject.name != "run_sync" or not is_a(subject.receiver, *_SYNC):
        return
    awaited = isinstance(module.parent(subject.call), ast.Await)
    if awaited and subject.receiver.origin is None:
        return
    name = class_name(Member(subject.receiver, subject.cls, subject.name))
    yield Diagnostic(
        at=subject.call,
        message=f"a sync {name} has no run_sync() (AttributeError); call the function with it",
        fix=partial(_call, module, subject.call),
    )


def _call(module: Module, call: ast.Call) -> Fix | Refusal:
    func, given = call.func, call.args[0] if call.args else None
    if not isinstance(func, ast.Attribute) or not isinstance(given, (ast.Name, ast.Attribute)) or len(call.args) > 1:
        return Refusal("what is given to run_sync() is no plain function, or has arguments of its own")
    if call.keywords:
        return Refusal("the function has arguments of its own")
    code = Code("{function}({connection})", nodes={"function": given, "connection": func.value})
    edits: list[Edit] = [ReplaceExpression(call, code)]
    outer = module.parent(call)
    if isinstance(outer, ast.Await):
        edits.append(RemoveAwait(outer))
    return safe(*edits)
