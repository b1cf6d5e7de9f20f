"""What a query, ``get()`` or ``refresh()`` loads of mapped objects."""

from __future__ import annotations

from flake8_async_sqla.semantics.loading.queries import Refreshed, composed, get_plan, query, refreshed

__all__ = ["Refreshed", "composed", "get_plan", "query", "refreshed"]
