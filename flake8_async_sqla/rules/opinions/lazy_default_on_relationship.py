"""
# lazy-default-on-relationship

## What it does
Finds relationships that do not say how they load. An opinion: off until it is selected.

## Why is this bad?
The default, `lazy="select"`, loads a relationship when it is read. Under asyncio there is nothing to load it with at
that moment: the read raises `MissingGreenlet: greenlet_spawn has not been called`, unless the query that gave the
object had a loader option. A relationship that says how it loads has decided that once: `"selectin"` or `"joined"` load
it along, `"raise"` makes each query ask for it, and `"write_only"` never holds the whole collection.

## Example
    from sqlalchemy import ForeignKey
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

## Use instead
    from sqlalchemy import ForeignKey
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship(lazy="selectin")


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))

## Fix safety
There is no fix: how a relationship should load depends on how large it is and who reads it.

## References
- [SQLAlchemy: preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads)
- [SQLAlchemy: relationship loading techniques](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html)
- [sqlalchemy/sqlalchemy#6165](https://github.com/sqlalchemy/sqlalchemy/discussions/6165)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import hidden_arguments
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_class
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module

_RELATIONSHIPS = ("sqlalchemy.orm.relationship", "sqlmodel.Relationship")
_SAYING = ("sqlalchemy.orm.DynamicMapped", "sqlalchemy.orm.WriteOnlyMapped")


@rule("ASQ904", symptom="MissingGreenlet: greenlet_spawn has not been called")
def lazy_default_on_relationship(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report relationships that load when they are read because nobody said otherwise."""
    if callee(module, call) not in _RELATIONSHIPS or _says_how(module, call):
        return
    yield Diagnostic(
        at=call.func,
        message="this relationship loads when it is read (MissingGreenlet without a loader option); "
        'say lazy="selectin", "joined", "raise" or "write_only"',
    )


def _says_how(module: Module, call: ast.Call) -> bool:
    """Tell whether something may say how it loads: an argument, one that cannot be seen, or the annotation."""
    if hidden_arguments(call) or any(argument(call, name) is not None for name in ("lazy", "sa_relationship")):
        return True
    options = argument(call, "sa_relationship_kwargs")
    if options is not None and not (isinstance(options, ast.Dict) and _leaves_out(options, "lazy")):
        return True
    statement = module.parent(call)
    annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else None
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return outer is not None and is_class(module.type_of(outer), *_SAYING)


def _leaves_out(options: ast.Dict, name: str) -> bool:
    return all(isinstance(key, ast.Constant) and key.value != name for key in options.keys)
