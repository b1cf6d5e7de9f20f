"""The asyncio twin of each synchronous class, and what its members are there."""

from __future__ import annotations

from flake8_async_sqla.facts.members import Kind
from flake8_async_sqla.semantics.blocking.sync_io import CONNECTION
from flake8_async_sqla.semantics.inference.calls import (
    ASYNC_ENGINE,
    ASYNC_SESSION,
    ASYNC_SESSIONMAKER,
    ENGINE,
    SESSION,
    SESSIONMAKER,
)
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.members import bases, fact
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION
from flake8_async_sqla.semantics.types import Type

SQLMODEL_SESSION = "sqlmodel.orm.session.Session"

# The nearest class comes first: SQLModel's session is a SQLAlchemy session too.
TWINS: dict[str, str] = {
    SQLMODEL_SESSION: "sqlmodel.ext.asyncio.session.AsyncSession",
    SESSION: ASYNC_SESSION,
    CONNECTION: ASYNC_CONNECTION,
    ENGINE: ASYNC_ENGINE,
    SESSIONMAKER: ASYNC_SESSIONMAKER,
    "sqlalchemy.orm.SessionTransaction": "sqlalchemy.ext.asyncio.AsyncSessionTransaction",
    "sqlalchemy.Transaction": "sqlalchemy.ext.asyncio.AsyncTransaction",
    "sqlalchemy.RootTransaction": "sqlalchemy.ext.asyncio.AsyncTransaction",
    "sqlalchemy.NestedTransaction": "sqlalchemy.ext.asyncio.AsyncTransaction",
}
MAKERS: dict[str, str] = {
    "sqlalchemy.create_engine": "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlalchemy.engine_from_config": "sqlalchemy.ext.asyncio.async_engine_from_config",
}


def sync_class(kind: Type) -> str:
    """Return the synchronous class that a type is an instance of; empty if it is none."""
    return next((cls for cls in TWINS if is_a(kind, cls)), "")


def twin_of_class(path: str) -> str:
    """Return the twin of a synchronous class that is referred to itself; empty if it has none."""
    return next((TWINS[base] for base in bases(path) if base in TWINS), "") if path in TWINS else ""


def member_kind(cls: str, name: str) -> Kind | None:
    """Return what a member is on the twin of a class; None where the twin lacks it."""
    found = fact(TWINS[cls], name)
    return found.kind if found is not None else None
