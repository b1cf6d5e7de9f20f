"""What a query loads, as data."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TypeAlias

from flake8_async_sqla.semantics.frozen import dataclass
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass

_NOTHING: Mapping[str, Plan] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is loaded of each object of one class, beside what its mapping loads by itself.

    Attributes:
        relationships: The relationships that options load, and what is loaded of the objects behind them.
        columns: The only columns loaded (``load_only``), or None for those of the mapping.
        deferred: Columns that ``defer()`` leaves out.
        undeferred: Columns that ``undefer()``, ``undefer_group()`` or ``with_expression()`` brings in; ``*`` is all.
        raising: Attributes whose read raises (``raiseload``; ``noload`` counts as loaded); ``*`` is every relationship
            that is not loaded.
        unloaded: Relationships that ``lazyload()`` leaves to be loaded at the read, whatever the mapping says; ``*`` is
            all that no other option loads.
        subclasses: Subclasses whose columns are loaded too (``selectin_polymorphic``, ``with_polymorphic``).
        certain: Whether every option was understood; if not, what is not listed may be loaded all the same.
        behind: What options say of the objects behind relationships that they leave to the mapping (``defaultload``)
            or to the read (``lazyload``).
        joined: Whether the objects come in the rows that their owners come in (``joinedload``, ``contains_eager``).
        subquery: Whether ``subqueryload()`` loads them.
    """

    relationships: Mapping[str, Plan] = field(default_factory=lambda: _NOTHING)
    columns: frozenset[str] | None = None
    deferred: frozenset[str] = frozenset()
    undeferred: frozenset[str] = frozenset()
    raising: frozenset[str] = frozenset()
    unloaded: frozenset[str] = frozenset()
    subclasses: tuple[ProjectClass, ...] = ()
    certain: bool = True
    behind: Mapping[str, Plan] = field(default_factory=lambda: _NOTHING)
    joined: bool = False
    subquery: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """A mapped class among the columns of a query; its rows hold objects.

    Attributes:
        cls: The class.
        plan: What is loaded of each object.
        outer: Whether the object may be None (an outer join).
    """

    cls: ProjectClass
    plan: Plan = field(default_factory=Plan)
    outer: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A column, function or anything else among the columns of a query; its rows hold plain values."""


Selected: TypeAlias = "Entity | Value | None"


@dataclass(frozen=True, slots=True)
class Query:
    """A statement that returns rows.

    Attributes:
        module: The module that holds ``call``.
        call: The call of ``select()`` (or ``update().returning()`` ...); loader options go onto it.
        columns: What a row holds, in order; None where that cannot be seen.
        joined_collection: The call of ``joinedload()``, or the relationship declared ``lazy="joined"``, that makes
            ``unique()`` necessary, or None.
        populate_existing: Whether objects that the session holds already are loaded anew.
        certain: Whether every link of the statement was understood.
        whole: Whether it returns all objects of one class, whichever there are.
    """

    module: Module
    call: ast.Call
    columns: tuple[Selected, ...]
    joined_collection: ast.AST | None = None
    populate_existing: bool = False
    certain: bool = True
    whole: bool = False
