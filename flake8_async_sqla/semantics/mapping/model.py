"""A mapped class as data."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass

AttributeKind: TypeAlias = Literal[
    "column", "relationship", "column_property", "hybrid", "association_proxy", "synonym", "composite", "plain"
]
Lazy: TypeAlias = Literal[
    "select", "selectin", "joined", "subquery", "immediate", "noload", "raise", "raise_on_sql", "dynamic", "write_only",
    "unknown",
]  # fmt: skip
Inheritance: TypeAlias = Literal["joined", "single", "concrete", "unknown"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a mapped class.

    Attributes:
        name: Its name on the class.
        kind: What it is; ``plain`` for methods, properties and everything that SQLAlchemy leaves alone.
        owner: The class that declares it; of a backref, the class that the backref is put on.
        module: The module that holds ``node``.
        node: Where it is declared.
        target: The class that a relationship leads to.
        uselist: Whether a relationship is a collection; None if that cannot be seen.
        many_to_one: Whether a relationship follows a foreign key of its own side, so that an object that the session
            holds already is found without a query; None if that cannot be seen.
        keyed: Whether a collection is a dictionary (``attribute_keyed_dict``) whose values are the objects.
        lazy: How a relationship is loaded by itself.
        join_depth: Whether the relationship says how often it is loaded below itself; otherwise, a relationship that is
            loaded by itself is not where that would lead back to a class on the way.
        back: The attribute on the other side (``back_populates``, ``backref``).
        deferred: Whether a column is loaded only when it is read.
        group: The group that a deferred column is loaded with.
        raiseload: Whether reading the deferred column raises instead.
        primary_key: Whether a column is part of the primary key.
        foreign_key: Whether a column refers to another table.
        references: The column that it refers to, as ``table.column``, if that can be seen.
        server_default: Whether the database gives a value at INSERT that SQLAlchemy does not know.
        server_onupdate: Whether the database, or an SQL expression in ``onupdate=``, gives one at UPDATE.
        default: Whether a Python-side default or the constructor gives a value.
        through: Of an association proxy, the relationship and the attribute behind it; of a synonym, its column.
    """

    name: str
    kind: AttributeKind
    owner: ProjectClass
    module: Module
    node: ast.AST
    target: ProjectClass | None = None
    uselist: bool | None = None
    many_to_one: bool | None = None
    keyed: bool = False
    lazy: Lazy = "select"
    join_depth: bool = False
    back: str = ""
    deferred: bool = False
    group: str = ""
    raiseload: bool = False
    primary_key: bool = False
    foreign_key: bool = False
    references: str = ""
    server_default: bool = False
    server_onupdate: bool = False
    default: bool = False
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MappedClass:
    """What SQLAlchemy makes of a class.

    Attributes:
        cls: The class.
        attributes: Its attributes by name, inherited ones included.
        parent: The mapped class that it inherits from.
        inheritance: How its table relates to the parent's.
        loads_subclasses: Whether queries for it load the columns of subclasses too (``with_polymorphic``).
        polymorphic_load: Whether queries for its parent load its columns too (``polymorphic_load``).
        discriminator: The attribute that ``polymorphic_on`` names, which every query loads.
        async_attrs: Whether ``awaitable_attrs`` is there; None if a base cannot be seen.
        eager_defaults: The mapper's ``eager_defaults``: True, False or ``auto``.
        dataclass: Whether SQLAlchemy makes it a dataclass.
        sqlmodel: Whether it is a SQLModel table.
        complete: Whether all bases and mixins were seen: an attribute that is not listed does not exist.
    """

    cls: ProjectClass
    attributes: Mapping[str, Attribute]
    parent: ProjectClass | None = None
    inheritance: Inheritance | None = None
    loads_subclasses: bool = False
    polymorphic_load: bool = False
    discriminator: str = ""
    async_attrs: bool | None = False
    eager_defaults: bool | Literal["auto"] = "auto"
    dataclass: bool = False
    sqlmodel: bool = False
    complete: bool = True
