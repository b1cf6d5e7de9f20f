"""A plan while the options of a statement are read."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from types import MappingProxyType

from flake8_async_sqla.semantics.loading.plan import Plan
from flake8_async_sqla.semantics.mapping.classes import mapped_class
from flake8_async_sqla.semantics.types import ProjectClass

MAX_DEPTH = 12


@dataclass(slots=True)
class Draft:
    """What options say of the objects of one class so far.

    Attributes:
        cls: The class, if it can be seen.
        joined: Whether the objects come in the rows of the statement itself, not of another query.
        subquery: Whether ``subqueryload()`` loads them.
        loaded: The relationships that options load, and what is loaded behind them.
        behind: What options say of the objects behind relationships that they do not load themselves.
        one_by_one: Whether ``immediateload()`` loads them, by a query of each object.
        groups: Groups of deferred columns that are loaded.
    """

    cls: ProjectClass | None
    joined: bool = True
    loaded: dict[str, Draft] = field(default_factory=dict)
    behind: dict[str, Draft] = field(default_factory=dict)
    columns: set[str] | None = None
    deferred: set[str] = field(default_factory=set)
    undeferred: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    raising: set[str] = field(default_factory=set)
    unloaded: set[str] = field(default_factory=set)
    subclasses: tuple[ProjectClass, ...] = ()
    certain: bool = True
    subquery: bool = False
    one_by_one: bool = False

    def child(self, name: str, cls: ProjectClass | None, joined: bool) -> Draft:
        """Return the draft of the objects behind a relationship, made at the first mention."""
        found = self.loaded.get(name) or self.behind.get(name)
        if found is None:
            found = self.behind[name] = Draft(cls, joined)
        return found

    def load(self, name: str, joined: bool, subquery: bool) -> None:
        """Take a relationship as loaded."""
        if name in self.behind:
            self.loaded[name] = self.behind.pop(name)
        self.loaded[name].joined, self.loaded[name].subquery = joined, subquery
        self.raising.discard(name)
        self.unloaded.discard(name)

    def leave(self, name: str) -> None:
        """Take a relationship as not loaded, whatever the mapping says."""
        if name in self.loaded:
            self.behind[name] = self.loaded.pop(name)
        self.raising.discard(name)
        self.unloaded.add(name)

    def defer_all(self) -> None:
        """Defer the columns of all objects that come along, those that the mapping loads by itself included."""
        self.deferred.add("*")
        mapped = mapped_class(self.cls) if self.cls is not None else None
        for name, attribute in mapped.attributes.items() if mapped is not None else ():
            below = self.child(name, attribute.target, self.joined) if attribute.kind == "relationship" else None
            if below is not None and not below.one_by_one:
                below.deferred.add("*")

    def returned(self) -> None:
        """Take away what ``returning()`` does not load, other than a query."""
        mapped = mapped_class(self.cls) if self.cls is not None else None
        for name, attribute in mapped.attributes.items() if mapped is not None else ():
            if attribute.kind == "column_property":
                self.deferred.add(name)
            elif attribute.lazy == "joined" and name not in self.loaded:
                self.unloaded.add(name)

    def every(self, depth: int = MAX_DEPTH) -> list[Draft]:
        """List this draft and all below it."""
        return [self, *(item for child in self._below(depth) for item in child.every(depth - 1))]

    def reached(self, depth: int = MAX_DEPTH) -> list[Draft]:
        """List this draft and those below it that its wildcards reach, which ``immediateload()`` does not hand on."""
        below = (child for child in self._below(depth) if not child.one_by_one)
        return [self, *(item for child in below for item in child.reached(depth - 1))]

    def _below(self, depth: int) -> list[Draft]:
        return [*self.loaded.values(), *self.behind.values()] if depth else []

    def plan(self) -> Plan:
        """Return the plan."""
        mapped = mapped_class(self.cls) if self.cls is not None else None
        attributes = mapped.attributes.values() if mapped is not None and self.groups else ()
        always = {found.name for found in attributes if found.group and found.group in self.groups}
        if mapped is not None and mapped.discriminator and (self.columns is not None or self.deferred):
            always.add(mapped.discriminator)
        return Plan(
            MappingProxyType({name: draft.plan() for name, draft in self.loaded.items()}),
            frozenset(self.columns) if self.columns is not None else None,
            frozenset(self.deferred),
            frozenset(self.undeferred | always),
            frozenset(self.raising - always),
            frozenset(self.unloaded),
            self.subclasses,
            self.certain,
            MappingProxyType({name: draft.plan() for name, draft in self.behind.items()}),
            self.joined,
            self.subquery,
        )


def joined_by_mapping(draft: Draft, trail: tuple[ProjectClass, ...] = ()) -> ast.AST | None:
    """Find the collection, declared ``lazy="joined"``, that comes in the rows of a statement without an option.

    Args:
        draft: What options say.
        trail: The classes passed on the way, where a mapping stops to join by itself.
    """
    mapped = mapped_class(draft.cls) if draft.cls is not None else None
    if mapped is None or not draft.joined or len(trail) > MAX_DEPTH:
        return None
    passed = (*trail, mapped.cls)
    for name, attribute in mapped.attributes.items():
        below = draft.loaded.get(name)
        if attribute.kind != "relationship" or name in draft.raising or name in draft.unloaded:
            continue
        if below is None:
            overridden = "*" in draft.raising or "*" in draft.unloaded or not draft.certain
            if attribute.lazy != "joined" or overridden:
                continue
            if attribute.uselist:
                return attribute.node
            if attribute.target is None or attribute.target in passed:
                continue
            below = draft.behind.get(name) or Draft(attribute.target)
        if (found := joined_by_mapping(below, passed)) is not None:
            return found
    return None
