"""
# awaitable-attrs-without-async-attrs

## What it does
Finds `obj.awaitable_attrs` on an object whose class does not derive from `AsyncAttrs`. Classes with a base that cannot
be seen are left alone.

## Why is this bad?
Only `sqlalchemy.ext.asyncio.AsyncAttrs` brings `awaitable_attrs` along: `AttributeError: 'Author' object has no
attribute 'awaitable_attrs'`.

## Example
    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship()


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


    async def count_books(session: AsyncSession, author_id: int) -> int:
        author = await session.get_one(Author, author_id)
        return len(await author.awaitable_attrs.books)

## Use instead
    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

    class Base(AsyncAttrs, DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship()


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


    async def count_books(session: AsyncSession, author_id: int) -> int:
        author = await session.get_one(Author, author_id)
        return len(await author.awaitable_attrs.books)

## Fix safety
Safe: the fix adds `AsyncAttrs` to the declarative base where that is in the same file, which adds the attribute to all
mapped classes and changes nothing else.

## References
- [SQLAlchemy: AsyncAttrs](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncAttrs)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddBase, AddKeyword, Code, Fix, Refusal, safe
from flake8_async_sqla.rules.implicit_io.loading import failing
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.ancestry import SQLMODEL, ancestry, is_base
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import ProjectClass, ProjectInstance

_ASYNC_ATTRS = {"mixin": "sqlalchemy.ext.asyncio.AsyncAttrs"}


@rule(
    "ASQ512",
    symptom="AttributeError: object has no attribute 'awaitable_attrs'",
    fixable="sometimes",
    names=("awaitable_attrs",),
)
def awaitable_attrs_without_async_attrs(node: ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report awaitable_attrs of classes that do not have it."""
    cls = _without(module, node)
    if cls is not None and not _asks_first(module, node):
        yield Diagnostic(
            at=node,
            message=f"'{cls.node.name}' has no awaitable_attrs (AttributeError): its declarative base does not derive "
            "from AsyncAttrs",
            fix=partial(_derive, module, cls),
        )


def _without(module: Module, node: ast.Attribute) -> ProjectClass | None:
    """Return the class of an object that certainly has no awaitable_attrs."""
    kind = module.type_of(node.value)
    mapped = mapped_class(kind.cls) if isinstance(kind, ProjectInstance) else None
    if mapped is not None:
        return mapped.cls if mapped.async_attrs is False and "awaitable_attrs" not in mapped.attributes else None
    return next((found.cls for found in failing(module, "awaitable") if found.at is node), None)


def _asks_first(module: Module, node: ast.expr) -> bool:
    """Tell whether a function tests for the attribute, or lets the error happen."""
    if any(isinstance(outer, ast.Try) and outer.handlers for outer in module.ancestors(node)):
        return True
    function = module.function(node)
    calls = own_nodes(module, function, ast.Call) if function is not None else ()
    return any(
        isinstance(argument, ast.Constant) and argument.value == "awaitable_attrs"
        for call in calls
        if isinstance(call, ast.Call)
        for argument in call.args
    )


def _derive(module: Module, cls: ProjectClass) -> Fix | Refusal:
    """Add AsyncAttrs to the declarative base of a class."""
    line = ancestry(cls)
    holder = cls if SQLMODEL in line.external else next((item for item in line.classes if is_base(item)), None)
    if holder is not None and holder.node.bases:
        if holder.module != module:
            return Refusal(f"the base class is in {holder.module.relative_path}")
        return safe(AddBase(holder.node, Code("{mixin}", symbols=_ASYNC_ATTRS)))
    for item in line.classes:
        for base in item.node.bases:
            place, binding = definition(item.module, base, item.module.scope_of(item.node))
            call = binding.value if binding is not None else None
            if (
                isinstance(call, ast.Call)
                and place == module
                and all(keyword.arg != "cls" for keyword in call.keywords)
            ):
                return safe(AddKeyword(call, "cls", Code("{mixin}", symbols=_ASYNC_ATTRS)))
    return Refusal("the declarative base is in another file")
