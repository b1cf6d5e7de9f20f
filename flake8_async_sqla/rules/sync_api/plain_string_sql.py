"""
# plain-string-sql

## What it does
Finds SQL that is given as a plain string to `execute()`, `scalar()`, `scalars()`, `stream()`, `stream_scalars()` or
SQLModel's `exec()` of an async session or connection.

## Why is this bad?
A session raises `ArgumentError: Textual SQL expression 'SELECT 1' should be explicitly declared as text('SELECT 1')`, a
connection `ObjectNotExecutableError: Not an executable object: 'SELECT 1'`. SQL that is put together out of values,
as in an f-string, can be injected: give the values as parameters of `text()`.

## Example
    from sqlalchemy.ext.asyncio import AsyncSession


    async def ping(session: AsyncSession) -> int:
        return await session.scalar("SELECT 1")

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def ping(session: AsyncSession) -> int:
        return await session.scalar(text("SELECT 1"))

## Fix safety
Safe for literals: `text()` is put around them, and the program fails without it. Unsafe for strings that are put
together. Refused where the SQL has parameters in a driver's own form (`%s`, `?`, `$1`), which `text()` does not
know: that is for `exec_driver_sql()` of a connection.

## References
- [SQLAlchemy: text()](https://docs.sqlalchemy.org/en/20/core/sqlelement.html#sqlalchemy.sql.expression.text)
- [SQLAlchemy 2.0: execute() requires text()](https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#migration-core-connection-execute)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import ASYNC_CONNECTION, SESSION_LIKE, expects_failure
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.subjects import MemberCall
from flake8_async_sqla.semantics.types import STRING, UNKNOWN, Instance

_RUNNING = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
_DRIVER_PARAMETERS = re.compile(r"%s|%\(\w+\)s|\?|\$\d")


@rule("ASQ406", symptom="should be explicitly declared as text('SELECT 1')", fixable="sometimes")
def plain_string_sql(subject: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report SQL in plain strings."""
    if subject.name not in _RUNNING or not is_a(subject.receiver, *SESSION_LIKE, ASYNC_CONNECTION):
        return
    on_session = is_a(subject.receiver, *SESSION_LIKE)
    if on_session and module.project.settings.targets == {"1.4"}:
        return
    statement = argument(subject.call, "statement", 0)
    if statement is None or not _is_string(module, statement) or _other_mistake(module, subject.call):
        return
    if expects_failure(module, subject.call, "ArgumentError", "ObjectNotExecutableError"):
        return
    happens = "ArgumentError" if on_session else "ObjectNotExecutableError"
    literal = isinstance(statement, ast.Constant)
    advice = "wrap it in text()" if literal else "wrap it in text(), and pass values as parameters"
    yield Diagnostic(
        at=statement,
        message=f"{subject.name}() does not take SQL as a plain string ({happens}); {advice}",
        fix=partial(_fix, subject.call, statement),
    )


def _is_string(module: Module, node: ast.expr) -> bool:
    kind = module.type_of(node)
    if kind is UNKNOWN and isinstance(node, (ast.Name, ast.Attribute)):
        home, binding = definition(module, node, module.scope_of(node))
        if binding is not None and binding.kind in ("value", "annotation") and not binding.unpack:
            kind = home.type_of(binding.value)
    if isinstance(node, ast.Subscript) and isinstance(node.value, (ast.Name, ast.Attribute)):
        return _holds_strings(module, node.value, node.slice)
    return isinstance(kind, Instance) and kind.cls == STRING


def _holds_strings(module: Module, node: ast.expr, key: ast.expr) -> bool:
    """Tell whether a written dictionary has a string under a key, or has nothing but strings."""
    home, binding = definition(module, node, module.scope_of(node))
    value = binding.value if binding is not None and not binding.unpack else None
    if not isinstance(value, ast.Dict):
        return False
    items = dict(zip(map(ast.unparse, filter(None, value.keys)), value.values, strict=False))
    asked = [items[text]] if (text := ast.unparse(key)) in items and None not in value.keys else value.values
    return bool(asked) and all(_is_string(home, item) for item in asked)


def _other_mistake(module: Module, call: ast.Call) -> bool:
    """Tell whether nothing awaits the call, so that its argument does not matter yet."""
    return isinstance(module.parent(call), (ast.Expr, ast.Attribute))


def _fix(call: ast.Call, statement: ast.expr) -> Fix | Refusal:
    parameters = argument(call, "params") or argument(call, "parameters", 1)
    if isinstance(parameters, (ast.Tuple, ast.Constant)):
        return Refusal("the parameters are in a driver's own form")
    texts = [str(part.value) for part in ast.walk(statement) if isinstance(part, ast.Constant)]
    percent = isinstance(statement, ast.BinOp) and isinstance(statement.op, ast.Mod)
    if not percent and any(_DRIVER_PARAMETERS.search(part) for part in texts):
        return Refusal("the SQL has parameters in a driver's own form")
    edit = ReplaceExpression(statement, Code("{text}({sql})", {"sql": statement}, {"text": "sqlalchemy.text"}))
    if isinstance(statement, ast.Constant):
        return safe(edit)
    return unsafe("SQL that is put together out of values can be injected", edit)
