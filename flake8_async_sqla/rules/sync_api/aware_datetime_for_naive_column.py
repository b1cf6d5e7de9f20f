"""
# aware-datetime-for-naive-column

## What it does
Finds datetimes with a time zone (`datetime.now(timezone.utc)`) for a column without one (`DateTime`, or
`Mapped[datetime]` alone), in a project whose engine is asyncpg's: as the column's default, given to the model, assigned
to its attribute, or compared with the column in a query. Where the project has a sync engine too, only in functions
that use an async session, and of models that such functions use.

## Why is this bad?
asyncpg is strict: `DBAPIError: ... invalid input for query argument $1: datetime.datetime(...) (can't subtract
offset-naive and offset-aware datetimes)`, when the object is flushed or the query runs. psycopg converts the value
silently, and SQLite drops the time zone, so that the code ran before, and still does in tests on SQLite.

## Example
    from datetime import datetime, timezone

    from sqlalchemy import DateTime
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


    class Base(DeclarativeBase):
        pass


    class Token(Base):
        __tablename__ = "tokens"
        id: Mapped[int] = mapped_column(primary_key=True)
        made_at: Mapped[datetime] = mapped_column(DateTime, default=lambda: datetime.now(timezone.utc))

## Use instead
    from datetime import datetime, timezone

    from sqlalchemy import DateTime
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    engine = create_async_engine("postgresql+asyncpg://postgres@localhost/postgres")


    class Base(DeclarativeBase):
        pass


    class Token(Base):
        __tablename__ = "tokens"
        id: Mapped[int] = mapped_column(primary_key=True)
        made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=lambda: datetime.now(timezone.utc))

## Fix safety
Unsafe: the column of an existing table must be migrated to `TIMESTAMP WITH TIME ZONE`. Offered in the file of the
column.

## References
- [SQLAlchemy: DateTime](https://docs.sqlalchemy.org/en/20/core/type_basics.html#sqlalchemy.types.DateTime)
- [sqlalchemy/sqlalchemy#7537](https://github.com/sqlalchemy/sqlalchemy/issues/7537)
- [MagicStack/asyncpg#791](https://github.com/MagicStack/asyncpg/issues/791)
- [benavlabs/fastcrud#19](https://github.com/benavlabs/fastcrud/issues/19)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.asyncpg import meets_asyncpg, uses_asyncpg
from flake8_async_sqla.rules.sync_api.column_values import subject_of
from flake8_async_sqla.rules.sync_api.datetimes import (
    column_call,
    column_type,
    declaration,
    gives_aware,
    is_aware,
    is_column,
    is_naive,
    is_naive_type,
    parts,
)
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.mapping import attribute
from flake8_async_sqla.semantics.mapping.constructs import Construct
from flake8_async_sqla.semantics.mapping.declarations import declared
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.mapping.tables import column_of, table_column
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, ProjectClass, ProjectInstance

_MEETING = frozenset({ast.ClassDef, ast.Call, ast.Assign, ast.Attribute})
_DEFAULTS = ("default", "default_factory", "insert_default", "onupdate")


class Meeting(NamedTuple):
    """An aware datetime that a naive column gets.

    Attributes:
        at: The datetime.
        name: The column's name.
        module: The module that declares the column.
        node: The declaration there: a statement of a class body, or the ``Column(...)`` of a ``Table``.
        call: The call that makes the column.
        owner: The class whose column has it as its default.
    """

    at: ast.expr
    name: str
    module: Module
    node: ast.stmt | ast.expr
    call: ast.Call | None
    owner: ast.ClassDef | None = None


@rule("ASQ414", symptom="can't subtract offset-naive and offset-aware datetimes", fixable="sometimes")
def aware_datetime_for_naive_column(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report columns, or else the values for columns of other files."""
    if not any(word in module.text for word in ("time", "now")):
        return
    nodes = [node for scope in list(module.index.scopes.values()) for node in scope.nodes if type(node) in _MEETING]
    found = [item for node in nodes for item in _meetings(module, node)]
    if not found or not uses_asyncpg(module):
        return
    seen: set[ast.AST] = set()
    for item in found:
        here = item.module == module
        if (here and item.node in seen) or not meets_asyncpg(module, item.at, item.owner):
            continue
        seen.add(item.node)
        place = "" if here else f" ({item.module.relative_path}:{item.node.lineno})"
        value = f" (line {item.at.lineno})" if here else ""
        yield Diagnostic(
            at=item.node if here else item.at,
            message=f"'{item.name}'{place} is a column without time zone, and asyncpg refuses the aware datetime"
            f"{value} (DataError: can't subtract offset-naive and offset-aware datetimes); use DateTime(timezone=True)",
            fix=partial(_fix, item) if here else None,
        )


def _meetings(module: Module, node: ast.AST) -> Iterator[Meeting]:
    if isinstance(node, ast.ClassDef):
        yield from _of_defaults(module, node)
    elif isinstance(node, ast.Call) and node.keywords:
        yield from _of_arguments(module, node)
    elif isinstance(node, ast.Assign):
        yield from _of_assignment(module, node)
    elif isinstance(node, ast.Attribute) and isinstance(compare := module.parent(node), ast.Compare):
        other = compare.comparators[0] if compare.left is node else compare.left
        if len(compare.ops) == 1 and is_aware(module, other):
            yield from _met(module.type_of(node.value), node.attr, other)
            yield from _of_table(table_column(module, node), node.attr, other)


def _of_defaults(module: Module, node: ast.ClassDef) -> Iterator[Meeting]:
    cls = ProjectClass(module, node)
    for name, bindings in scope_of_class(cls).names.items():
        value = bindings[-1].value
        if not isinstance(value, ast.Call) or not is_column(module, value):
            continue
        given = [item for option in _DEFAULTS for call in parts(module, value) if (item := argument(call, option))]
        aware = next((item for item in given if gives_aware(module, item)), None)
        column = declared(cls, name, fields=False) if aware is not None else None
        if aware is not None and column is not None and is_naive(cls, column):
            yield from _meeting(aware, column, node)


def _of_arguments(module: Module, call: ast.Call) -> Iterator[Meeting]:
    """Look at ``Token(expires_at=...)``, and at ``values(...)`` and ``filter_by(...)`` of statements about a model."""
    aware = [keyword for keyword in call.keywords if keyword.arg is not None and is_aware(module, keyword.value)]
    if not aware:
        return
    subject: object = module.type_of(call.func)
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("values", "filter_by"):
        subject = subject_of(module, call.func.value)
    for keyword in aware:
        name = str(keyword.arg)
        if isinstance(subject, Construct):
            yield from _of_table(column_of(subject, name), name, keyword.value)
        else:
            yield from _met(subject, name, keyword.value)


def _of_assignment(module: Module, node: ast.Assign) -> Iterator[Meeting]:
    for target in node.targets:
        if isinstance(target, ast.Attribute) and is_aware(module, node.value):
            kind = module.type_of(target.value)
            yield from _met(kind.cls if isinstance(kind, ProjectInstance) else None, target.attr, node.value)


def _met(cls: object, name: str, value: ast.expr) -> Iterator[Meeting]:
    column = attribute(cls, name) if isinstance(cls, ProjectClass) else None
    if isinstance(cls, ProjectClass) and column is not None and column.kind == "column" and is_naive(cls, column):
        yield from _meeting(value, column)


def _meeting(at: ast.expr, column: Attribute, owner: ast.ClassDef | None = None) -> Iterator[Meeting]:
    if (statement := declaration(column)) is not None:
        yield Meeting(at, column.name, column.module, statement, column_call(column), owner)


def _of_table(column: tuple[Module, ast.expr] | None, name: str, value: ast.expr) -> Iterator[Meeting]:
    module, node = column or (None, None)
    given = column_type(module, node) if module is not None and isinstance(node, ast.Call) else None
    if module is not None and isinstance(node, ast.Call) and given is not None and is_naive_type(module, given):
        yield Meeting(value, name, module, node, node)


def _fix(item: Meeting) -> Fix | Refusal:
    call = item.call
    if call is None:
        return Refusal("the column has no call that could take the type")
    given = column_type(item.module, call)
    code = Code("{DateTime}(timezone=True)", symbols={"DateTime": "sqlalchemy.DateTime"})
    if given is None:
        return unsafe("the column must be migrated", AddKeyword(call, "type_", code))
    if isinstance(given, ast.Call) and not given.args:
        zone = argument(given, "timezone")
        change = AddKeyword(given, "timezone", Code("True")) if zone is None else ReplaceExpression(zone, Code("True"))
        return unsafe("the column must be migrated", change)
    if isinstance(item.module.type_of(given), External):
        kept = Code("{type}(timezone=True)", nodes={"type": given})
        return unsafe("the column must be migrated", ReplaceExpression(given, kept))
    return Refusal("the type is made elsewhere")
