"""Observe the dialects that SQLAlchemy brings and which of them are for asyncio."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any

import sqlalchemy.dialects
from sqlalchemy.engine import make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import NoSuchModuleError

_NOT_DRIVERS = ("base", "dialect")


@functools.cache
def dialects() -> dict[str, Any]:
    """Map ``backend+driver`` to the dialect class that SQLAlchemy loads for it."""
    found = {}
    for backend in _backends():
        package = importlib.import_module(f"sqlalchemy.dialects.{'mysql' if backend == 'mariadb' else backend}")
        names = {info.name for info in pkgutil.iter_modules(package.__path__)} | set(vars(package))
        for driver in sorted(names - set(_NOT_DRIVERS)):
            if driver.startswith("_"):
                continue
            try:
                cls = make_url(f"{backend}+{driver}://").get_dialect()
            except (NoSuchModuleError, AttributeError):
                continue
            if issubclass(cls, DefaultDialect):
                found[f"{backend}+{driver}"] = cls
    return found


def _backends() -> list[str]:
    return sorted(
        {info.name for info in pkgutil.iter_modules(sqlalchemy.dialects.__path__) if info.ispkg} | {"mariadb"}
    )


def observe() -> dict[str, Any]:
    """Describe the drivers, the default one of each backend, and the pool that SQLAlchemy picks."""
    pools, memory_pools = {}, {}
    for scheme, cls in dialects().items():
        host = "" if scheme.startswith("sqlite") else "host"
        pools[scheme] = cls.get_pool_class(make_url(f"{scheme}://{host}/name")).__name__
        memory = cls.get_pool_class(make_url(f"{scheme}://")).__name__
        if memory != pools[scheme]:
            memory_pools[scheme] = memory
    return {
        "drivers": {scheme: _driver(cls) for scheme, cls in dialects().items()},
        "default_driver": {backend: make_url(f"{backend}://").get_dialect().driver for backend in _backends()},
        "default_pool": pools,
        "default_memory_pool": memory_pools,
    }


def _driver(cls: Any) -> list[Any]:
    counterpart = getattr(cls, "get_async_dialect_cls", lambda _: cls)(make_url("x://"))
    return [cls.is_async, counterpart is not cls and counterpart.is_async, cls.__name__]
