"""
# wrong-value-type-for-asyncpg

## What it does
Finds strings for columns of numbers and dates, and numbers for columns of text, in a project whose engine is asyncpg's:
compared with a column, given to `filter_by()`, `values()`, `get()` or the model itself, or as a parameter of `text()`
where the SQL (`LIMIT :n`, `CAST(:n AS int)`) or the table of a mapped class says what PostgreSQL takes. A value is
known by what it is, by its annotation, or because requests give text (`request.query_params["page"]`).

## Why is this bad?
psycopg2 and SQLite convert such values. asyncpg sends them as what PostgreSQL asks for, and refuses others:
`DBAPIError: ... invalid input for query argument $1: '10' ('str' object cannot be interpreted as an integer)`. A
comparison says that the value is text, and fails with `operator does not exist: integer = character varying`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


    async def roles(limit: str) -> list[str]:
        async with engine.connect() as connection:
            found = await connection.execute(text("SELECT rolname FROM pg_roles LIMIT :limit"), {"limit": limit})
            return list(found.scalars())

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


    async def roles(limit: str) -> list[str]:
        async with engine.connect() as connection:
            found = await connection.execute(text("SELECT rolname FROM pg_roles LIMIT :limit"), {"limit": int(limit)})
            return list(found.scalars())

## Fix safety
There is no fix: what to do with text that is no number is yours to say.

## References
- [asyncpg: type conversion](https://magicstack.github.io/asyncpg/current/usage.html#type-conversion)
- [MagicStack/asyncpg#692](https://github.com/MagicStack/asyncpg/issues/692)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.asyncpg import meets_asyncpg, uses_asyncpg
from flake8_async_sqla.rules.sync_api.column_values import (
    ERRORS,
    column_kind,
    kind_of_column,
    subject_of,
    value_kind,
)
from flake8_async_sqla.rules.sync_api.objects import expects_failure
from flake8_async_sqla.rules.sync_api.sql_parameters import parameter_kind
from flake8_async_sqla.semantics.engine.text import texts
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.inference.mappings import written
from flake8_async_sqla.semantics.inference.promising import promising
from flake8_async_sqla.semantics.mapping import attribute, mapped_class
from flake8_async_sqla.semantics.mapping.constructs import Construct
from flake8_async_sqla.semantics.mapping.tables import column_of, table_column
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass

_RUNNING = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars"})
_FAILURES = ("DBAPIError", "DataError", "ProgrammingError")


@rule("ASQ415", symptom="'str' object cannot be interpreted as an integer")
def wrong_value_type_for_asyncpg(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report values that asyncpg refuses."""
    for scope in list(module.index.scopes.values()):
        for node in scope.nodes:
            if type(node) is not ast.Attribute and type(node) is not ast.Call:
                continue
            for value, kind, what in _meetings(module, node):
                error = ERRORS.get((kind, value_kind(module, value)))
                if error is None or not uses_asyncpg(module) or not meets_asyncpg(module, value, None):
                    continue
                if not expects_failure(module, value, *_FAILURES):
                    compared = isinstance(node, ast.Attribute)
                    happens = "ProgrammingError: operator does not exist" if compared else f"DBAPIError: {error}"
                    yield Diagnostic(at=value, message=f"{what}, and nothing converts the value for it ({happens})")


def _meetings(module: Module, node: ast.Attribute | ast.Call) -> Iterator[tuple[ast.expr, str, str]]:
    """Yield values with what is wanted in their place, in one word and in words for the message."""
    if isinstance(node, ast.Attribute):
        compare = module.parent(node)
        if isinstance(compare, ast.Compare) and len(compare.ops) == 1:
            other = compare.comparators[0] if compare.left is node else compare.left
            if promising(module, node.value, module.scope_of(node)) and value_kind(module, other):
                yield from _column(module.type_of(node.value), node.attr, other)
                yield from _of_table(table_column(module, node), ast.unparse(node), other)
    elif isinstance(node.func, ast.Attribute):
        yield from _of_method(module, node, node.func)
    elif node.keywords:
        yield from _of_model(module, node)


def _of_method(module: Module, call: ast.Call, func: ast.Attribute) -> Iterator[tuple[ast.expr, str, str]]:
    if func.attr in ("values", "filter_by"):
        yield from _of_keywords(module, subject_of(module, func.value), call)
    elif func.attr in ("get", "get_one") and len(call.args) > 1:
        cls = module.type_of(call.args[0])
        mapped = mapped_class(cls) if isinstance(cls, ProjectClass) else None
        keys = [item.name for item in mapped.attributes.values() if item.primary_key] if mapped is not None else []
        yield from _column(cls, keys[0], call.args[1]) if len(keys) == 1 else ()
    elif func.attr in _RUNNING and len(call.args) > 1:
        yield from _of_text(module, call.args[0], call.args[1])
    elif func.attr == "bindparams":
        for keyword in call.keywords:
            yield from _parameter(module, func.value, keyword, bound=True)
    elif call.keywords:
        yield from _of_model(module, call)


def _of_model(module: Module, call: ast.Call) -> Iterator[tuple[ast.expr, str, str]]:
    """Look at what a model is made of, unless a method of its own may convert it."""
    values = [keyword.value for keyword in call.keywords if keyword.arg is not None]
    if not promising(module, call.func, module.scope_of(call)) or not any(value_kind(module, item) for item in values):
        return
    cls = module.type_of(call.func)
    lines = [item for item in lineage(cls) if isinstance(item, ProjectClass)] if isinstance(cls, ProjectClass) else []
    own = any("__init__" in scope_of_class(item).names or "validates" in item.module.text for item in lines)
    if lines and not own:
        yield from _of_keywords(module, cls, call)


def _of_keywords(module: Module, subject: object, call: ast.Call) -> Iterator[tuple[ast.expr, str, str]]:
    for keyword in call.keywords:
        if keyword.arg is None:
            continue
        if isinstance(subject, Construct):
            yield from _of_table(column_of(subject, keyword.arg), keyword.arg, keyword.value)
        else:
            yield from _column(subject, keyword.arg, keyword.value)


def _of_table(
    column: tuple[Module, ast.expr] | None, name: str, value: ast.expr
) -> Iterator[tuple[ast.expr, str, str]]:
    if column is not None and (kind := kind_of_column(*column)):
        yield value, kind, f"'{name}' is a column of {_WORDS[kind]}"


def _column(cls: object, name: str, value: ast.expr) -> Iterator[tuple[ast.expr, str, str]]:
    column = attribute(cls, name) if isinstance(cls, ProjectClass) else None
    if isinstance(cls, ProjectClass) and column is not None and (kind := column_kind(cls, column)):
        yield value, kind, f"'{cls.node.name}.{name}' is a column of {_WORDS[kind]}"


def _of_text(module: Module, statement: ast.expr, parameters: ast.expr) -> Iterator[tuple[ast.expr, str, str]]:
    for keyword in written(module, parameters) or ():
        yield from _parameter(module, statement, keyword)


def _parameter(
    module: Module, statement: ast.expr, keyword: ast.keyword, *, bound: bool = False
) -> Iterator[tuple[ast.expr, str, str]]:
    """Look at a parameter; SQLAlchemy says of one that ``bindparams()`` gives what it is, so that SQL can cast it."""
    if not isinstance(statement, ast.Call) or callee(module, statement) != "sqlalchemy.text" or keyword.arg is None:
        return
    known = texts(module, argument(statement, "text", 0)).known
    kind = parameter_kind(module, known[0].value, keyword.arg) if len(known) == 1 else ""
    if kind and not (bound and "CAST" in known[0].value.upper()):
        yield keyword.value, kind, f"PostgreSQL takes {_WORDS[kind]} for ':{keyword.arg}'"


_WORDS = {"int": "integers", "str": "text", "float": "numbers", "datetime": "dates"}
