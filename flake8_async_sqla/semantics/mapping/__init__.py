"""Mapped classes: what SQLAlchemy makes of a class that the project declares."""

from __future__ import annotations

from flake8_async_sqla.semantics.mapping.classes import attribute, is_mapped, mapped_class

__all__ = ["attribute", "is_mapped", "mapped_class"]
