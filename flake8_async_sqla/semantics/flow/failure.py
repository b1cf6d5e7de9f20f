"""What the flow analysis reports."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal, TypeAlias

from flake8_async_sqla.semantics.loading.plan import Query
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Origin, ProjectClass

Kind: TypeAlias = Literal[
    "relationship",  # a relationship that no option loaded
    "deferred",  # a column that is loaded only when it is read
    "raising", # lazy="raise", raiseload()
    "expired",  # expired by a commit, rollback, expire(), expire_all() or a bulk update
    "server",  # a value that the database made at a flush
    "new",  # a relationship of an object that was new when it was flushed, and never set
    "detached",  # the session is closed, or the object was expunged
    "polymorphic",  # a column of a subclass, loaded through its base class
    "change",  # a change that loads the collection first: append() to, or assignment over, an unloaded one
    "dynamic",  # iteration or a query method of a lazy="dynamic" collection
    "unique",  # a result with joined collections that is read without unique()
    "awaitable",  # awaitable_attrs of an object whose class is without AsyncAttrs
    "behind",  # it holds what its session has changed since, with an UPDATE that leaves objects alone
    "stale",  # it gives what the session holds, though another session has committed something else since
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A line that explains a failure.

    Attributes:
        module: The module.
        node: The node there.
        what: What it does to the object, for messages: ``commit()``, ``select(Author)``, ``end of the block``.
    """

    module: Module
    node: ast.AST
    what: str


@dataclass(frozen=True, slots=True)
class Sink:
    """Who reads the attribute, where that is not an expression of the project.

    Attributes:
        kind: What it is.
        name: The schema's name, the template's path, the method.
    """

    kind: Literal["response model", "schema", "marshmallow schema", "struct", "template", "method"]
    name: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A read that will raise.

    Attributes:
        kind: Why.
        at: What to report, in the module that was asked: the read, or the call or ``return`` that leads to it.
        cls: The class of the object.
        attribute: The attribute read.
        path: The way from the queried entity to the attribute, the attribute last: ``("orders", "lines")``.
        cause: The query that did not load it, or what expired or detached it.
        query: The query that feeds the object, if one does and it can be seen.
        chain: The calls between ``at`` and the read, outermost first, and the read itself.
        sink: Who reads, if it is not the project's own code.
        session: The call that made the session, if that can be seen.
        collection: Whether the attribute is a collection.
        missing: Of a detached object, why the attribute was not loaded while it had its session.
        source: Of a detached object, what left the attribute so.
    """

    kind: Kind
    at: ast.expr
    cls: ProjectClass
    attribute: str
    path: tuple[str, ...]
    cause: Place | None
    query: Query | None = None
    chain: tuple[Place, ...] = ()
    sink: Sink | None = None
    session: Origin | None = None
    collection: bool = False
    missing: Kind | None = None
    source: Place | None = None
