"""Which dotted paths name the same object, and which classes derive from which."""

from __future__ import annotations

from flake8_async_sqla.facts.symbols_generated import CLASS_BASES, ELSEWHERE, SPELLINGS

# Functions of their own that do the same.
_SAME_MEANING = {
    "sqlalchemy.ext.declarative.declarative_base": "sqlalchemy.orm.declarative_base",
    "sqlalchemy.orm.relation": "sqlalchemy.orm.relationship",
}

CANONICAL: dict[str, str] = {**SPELLINGS, **_SAME_MEANING}

# What is annotated as a result of tuples is the plain result when the program runs.
BASES: dict[str, tuple[str, ...]] = {
    **CLASS_BASES,
    "sqlalchemy.TupleResult": ("sqlalchemy.Result",),
    "sqlalchemy.ext.asyncio.AsyncTupleResult": ("sqlalchemy.ext.asyncio.AsyncResult",),
}


def spelling(canonical: str, version: str) -> str:
    """Name the path under which a series can import an object.

    Args:
        canonical: Its canonical path.
        version: SQLAlchemy series.
    """
    return ELSEWHERE.get(version, {}).get(canonical, canonical)
