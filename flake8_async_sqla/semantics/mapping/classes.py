"""From a class to what SQLAlchemy makes of it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from flake8_async_sqla.facts.models import MODELS
from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.mapping.additions import assigned, backrefs, columns_of, imperative, properties
from flake8_async_sqla.semantics.mapping.ancestry import SQLMODEL, Ancestry, ancestry, is_declared, is_decorated
from flake8_async_sqla.semantics.mapping.declarations import bindings_of, declared
from flake8_async_sqla.semantics.mapping.mapper import mapper_arguments
from flake8_async_sqla.semantics.mapping.model import Attribute, MappedClass
from flake8_async_sqla.semantics.mapping.tables import declared_table
from flake8_async_sqla.semantics.types import ProjectClass

_DATACLASS = "sqlalchemy.orm.MappedAsDataclass"


def mapped_class(cls: ProjectClass) -> MappedClass | None:
    """Say what SQLAlchemy makes of a class; None if it is not, or not certainly, mapped."""
    return cls.module.cached(("mapped", cls.node), lambda: _mapped(cls))


def attribute(cls: ProjectClass, name: str) -> Attribute | None:
    """Return an attribute of a mapped class; None if the class is not mapped, or the attribute cannot be seen."""
    found = mapped_class(cls)
    return found.attributes.get(name) if found is not None else None


def is_mapped(cls: ProjectClass) -> bool:
    """Tell whether a class is certainly mapped."""
    return is_declared(cls) or imperative(cls) is not None


def _mapped(cls: ProjectClass) -> MappedClass | None:
    by_hand = imperative(cls)
    if by_hand is None and not is_declared(cls):
        return None
    line = ancestry(cls)
    attributes = _Attributes(cls, line)
    if by_hand is not None:
        attributes.by_hand(*by_hand)
    attributes.collect()
    arguments = mapper_arguments(cls)
    external = set(line.external)
    has_async = any(path in MODELS and MODELS[path].async_attrs for path in external)
    return MappedClass(
        cls,
        MappingProxyType(attributes.found),
        parent=arguments.parent,
        inheritance=arguments.inheritance,
        loads_subclasses=arguments.loads_subclasses,
        polymorphic_load=arguments.polymorphic_load,
        discriminator=arguments.discriminator,
        async_attrs=True if has_async else False if line.complete else None,
        eager_defaults=arguments.eager_defaults,
        dataclass=_DATACLASS in external or any(is_decorated(item, dataclass=True) for item in line.classes),
        sqlmodel=SQLMODEL in external,
        complete=line.complete and attributes.complete,
    )


class _Attributes:
    """The attributes of a mapped class, nearest declaration first."""

    def __init__(self, cls: ProjectClass, line: Ancestry) -> None:
        self.cls = cls
        self.line = line
        self.found: dict[str, Attribute] = {}
        self.unseen: set[str] = set()
        self.complete = True

    def collect(self) -> None:
        fields = SQLMODEL in self.line.external
        for owner in self.line.classes:
            for name in scope_of_class(owner).names:
                if not name.startswith("__") and name not in self.found and bindings_of(owner, name):
                    self.add(name, declared(owner, name, fields=fields))
            self.table(owner)
            for addition in (*assigned(owner), *backrefs(owner)):
                self.found.setdefault(addition.name, addition)
        for path in self.line.external:
            for column in MODELS[path].columns if path in MODELS else ():
                self.brought(column)
        for owner in self.line.classes:
            for name, bindings in scope_of_class(owner).attributes.items():
                if name not in self.unseen:
                    self.found.setdefault(name, Attribute(name, "plain", owner, owner.module, bindings[0].node))

    def add(self, name: str, attribute: Attribute | None) -> None:
        if name in self.unseen:
            return
        if attribute is None:
            self.unseen.add(name)
            self.complete = False
        else:
            self.found[name] = attribute

    def table(self, owner: ProjectClass) -> None:
        if "__table__" not in scope_of_class(owner).names:
            return
        table = declared_table(owner)
        if table is None or "autoload_with" in table.keywords:
            self.complete = False
        for attribute in columns_of(owner, table) if table is not None else ():
            self.found.setdefault(attribute.name, attribute)

    def by_hand(self, table: Any, given: Any) -> None:
        for name, attribute in zip(given, properties(self.cls, given), strict=True):
            self.add(name, replace(attribute, owner=self.cls) if attribute is not None else None)
        if table is None:
            self.complete = False
        else:
            for column in columns_of(self.cls, table):
                self.found.setdefault(column.name, column)

    def brought(self, column: Any) -> None:
        attribute = Attribute(
            column.name, "column", self.cls, self.cls.module, self.cls.node, primary_key=column.primary_key,
            foreign_key=bool(column.references), references=column.references, default=column.default,
        )  # fmt: skip
        self.found.setdefault(column.name, attribute)
