"""
# multiple-statements-with-asyncpg

## What it does
Finds SQL of several statements, separated by semicolons, that is run through asyncpg.

## Why is this bad?
psycopg2 runs them all. asyncpg prepares every statement, and PostgreSQL refuses to prepare two:
`PostgresSyntaxError: cannot insert multiple commands into a prepared statement`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


    async def prepare() -> None:
        async with engine.begin() as conn:
            await conn.execute(text("CREATE TABLE item (id int); CREATE INDEX item_id ON item (id)"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


    async def prepare() -> None:
        async with engine.begin() as conn:
            await conn.execute(text("CREATE TABLE item (id int)"))
            await conn.execute(text("CREATE INDEX item_id ON item (id)"))

## Fix safety
Safe for a literal without parameters in a statement of its own: one call becomes several, in the same transaction.
Refused elsewhere.

## References
- [asyncpg: the simple and the extended query protocol](https://magicstack.github.io/asyncpg/current/faq.html)
- [sqlalchemy/sqlalchemy#6467](https://github.com/sqlalchemy/sqlalchemy/issues/6467)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceStatement, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import ASYNC_CONNECTION, SESSION_LIKE, expects_failure
from flake8_async_sqla.rules.sync_api.writing import statement_around
from flake8_async_sqla.semantics.engine.text import HOLE, texts
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import engine_origin
from flake8_async_sqla.semantics.subjects import MemberCall
from flake8_async_sqla.semantics.types import Type

_TEXTUAL = ("sqlalchemy.text", "sqlalchemy.DDL")
_RUNNING = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/|;", re.DOTALL)

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


@rule("ASQ413", symptom="cannot insert multiple commands into a prepared statement", fixable="sometimes")
def multiple_statements_with_asyncpg(subject: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report several statements in one string."""
    driver_sql = subject.name == "exec_driver_sql"
    if not (driver_sql or subject.name in _RUNNING) or not is_a(subject.receiver, *SESSION_LIKE, ASYNC_CONNECTION):
        return
    statement = argument(subject.call, "statement", 0)
    sql = statement if driver_sql else _textual(module, statement)
    found = texts(module, sql).known if sql is not None else ()
    if len(found) != 1 or len(parts := split(found[0].value)) < 2 or not _through_asyncpg(subject.receiver):
        return
    if statement is not None and not expects_failure(module, subject.call, "ProgrammingError", "DBAPIError"):
        yield Diagnostic(
            at=statement,
            message=f"asyncpg prepares statements and refuses {len(parts)} in one (PostgresSyntaxError: cannot insert "
            "multiple commands into a prepared statement); run them one by one",
            fix=partial(_fix, subject.call, sql, parts, module),
        )


def _textual(module: Module, statement: ast.expr | None) -> ast.expr | None:
    """Return what ``text(...)`` or ``DDL(...)`` is made of."""
    if isinstance(statement, ast.Call) and statement.args and callee(module, statement) in _TEXTUAL:
        return statement.args[0]
    return None


def split(sql: str) -> list[str]:
    """Split SQL at semicolons that are not in strings, names, function bodies or comments; empty if in doubt."""
    if "\\" in sql:
        return []
    ends = [token.span() for token in _TOKEN.finditer(sql) if token[0] == ";"]
    starts = [0, *(end for _, end in ends)]
    parts = [sql[start:end] for start, end in zip(starts, [*(start for start, _ in ends), len(sql)], strict=True)]
    return [part.strip() for part in parts if _COMMENT.sub("", part).strip()]


def _through_asyncpg(receiver: Type) -> bool:
    made = engine_origin(receiver)
    found = urls(made.module, argument(made.call, "url", 0)) if made is not None else []
    return bool(found) and all(url.scheme == "postgresql+asyncpg" for url in found)


def _fix(call: ast.Call, sql: ast.expr | None, parts: list[str], module: Module) -> Fix | Refusal:
    parent = module.parent(call)
    statement = statement_around(module, parent) if isinstance(parent, ast.Await) else None
    if statement is None or len(call.args) != 1 or call.keywords:
        return Refusal("only a statement of its own without parameters is split")
    if not isinstance(sql, ast.Constant) or any(HOLE in part for part in parts):
        return Refusal("the SQL is not one literal")
    holder = call.args[0]
    wrapped = isinstance(holder, ast.Call)
    if isinstance(holder, ast.Call) and (len(holder.args) != 1 or holder.keywords):
        return Refusal("the SQL has options")
    nodes = {"run": call.func} | ({"text": holder.func} if isinstance(holder, ast.Call) else {})
    written = [_quoted(part).replace("{", "{{").replace("}", "}}") for part in parts]
    lines = [f"await {{run}}({{text}}({part}))" if wrapped else f"await {{run}}({part})" for part in written]
    return safe(ReplaceStatement(statement, Code("\n".join(lines), nodes)))


def _quoted(part: str) -> str:
    return repr(part) if '"' in part or "\n" in part else f'"{part}"'
