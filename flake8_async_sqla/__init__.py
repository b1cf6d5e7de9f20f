"""Static analysis for SQLAlchemy's asyncio extension: a flake8 plugin, a fixer and a migrator."""

from __future__ import annotations

__version__ = "0.1.0"
CACHE_DIRECTORY = ".flake8_async_sqla_cache"
INTERNAL_ERROR = "ASQ000"
