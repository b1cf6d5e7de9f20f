"""The first question about a file: whether its text holds a word without which no rule finds anything."""

from __future__ import annotations

on = True
"""Whether cheap questions come before dear ones; tests switch them off, and find the same."""
_LIBRARIES = ("sqlalchemy", "sqlmodel", "alembic")


def names_library(text: str) -> bool:
    """Tell whether a text names SQLAlchemy, SQLModel or Alembic."""
    return any(library in text for library in _LIBRARIES)


def holds_a_word(text: str) -> bool:
    """Tell whether a file may be worth a closer look."""
    return (
        "async " in text or "await " in text or "sqlalchemy" in text or "sqlmodel" in text or "alembic" in text
    )  # spelled out, for it is asked of every file
