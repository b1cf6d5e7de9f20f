"""Observe under which dotted paths the objects that rules care about can be imported."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

# In order of preference: the first packages are where the documentation places their objects.
PACKAGES = (
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.pool",
    "sqlalchemy.exc",
    "sqlalchemy.event",
    "sqlalchemy",
    "sqlalchemy.orm",
    "sqlalchemy.engine",
    "sqlalchemy.orm.exc",
    "sqlalchemy.sql",
    "sqlalchemy.types",
    "sqlalchemy.schema",
    "sqlalchemy.future",
    "sqlalchemy.ext.declarative",
    "sqlalchemy.ext.hybrid",
    "sqlalchemy.ext.asyncio.exc",
    "sqlmodel",
    "sqlmodel.orm.session",
    "sqlmodel.ext.asyncio.session",
    "starlette.applications",
    "starlette.background",
    "starlette.concurrency",
    "starlette.datastructures",
    "starlette.requests",
    "starlette.responses",
    "starlette.routing",
    "starlette.websockets",
    "fastapi",
    "fastapi.background",
    "fastapi.concurrency",
    "fastapi.params",
    "fastapi.requests",
    "fastapi.responses",
    "fastapi.websockets",
    "litestar",
    "litestar.background_tasks",
    "litestar.connection",
    "litestar.datastructures",
    "litestar.di",
    "litestar.response",
)
_OWN_PATH = ("sqlmodel.orm.session", "sqlmodel.ext.asyncio.session")


def observe() -> dict[str, dict[str, list[str]]]:
    """List the other spellings of each object, and the bases of each class, both under the preferred spelling."""
    spellings: dict[int, list[tuple[int, str]]] = {}
    objects: dict[int, Any] = {}
    for rank, package in enumerate(PACKAGES):
        for name, value in _public(package):
            objects[id(value)] = value
            spellings.setdefault(id(value), []).append((_rank(rank, package, name, value), f"{package}.{name}"))
    for identity, value in objects.items():
        home = f"{value.__module__}.{value.__name__}"
        if _importable(home, value) and not any(part.startswith("_") for part in home.split(".")):
            spellings[identity].append((len(PACKAGES) * 2, home))
    ordered = [[path for _, path in sorted(paths)] for paths in spellings.values()]
    names = {identity: paths[0] for identity, paths in zip(objects, ordered, strict=True)}
    return {
        "spellings": {
            names[identity]: sorted({path for _, path in paths} - {names[identity]})
            for identity, paths in spellings.items()
        },
        "bases": {
            name: bases
            for identity, name in names.items()
            if inspect.isclass(objects[identity]) and (bases := list(dict.fromkeys(_bases(objects[identity], names))))
        },
    }


def _bases(cls: type, names: dict[int, str]) -> Iterator[str]:
    for base in cls.__bases__:
        if id(base) in names:
            yield names[id(base)]
        else:
            yield from _bases(base, names)


def _rank(rank: int, package: str, name: str, value: Any) -> int:
    if value.__module__ == package and (package in _OWN_PATH or package.startswith("starlette.")):
        return -1
    return rank if name == value.__name__ else rank + len(PACKAGES)


def _public(package: str) -> Iterator[tuple[str, Any]]:
    try:
        module = importlib.import_module(package)
    except ImportError:
        return
    names = getattr(module, "__all__", None) or [name for name in dir(module) if not name.startswith("_")]
    for name in sorted({*names, *(name for name in dir(module) if not name.startswith("_"))}):
        value = getattr(module, name, None)
        home = str(getattr(value, "__module__", ""))
        ours = home.partition(".")[0] in ("sqlalchemy", "sqlmodel", "starlette", "fastapi", "litestar")
        if ours and (inspect.isclass(value) or inspect.isroutine(value)) and hasattr(value, "__name__"):
            yield name, value


def _importable(path: str, value: Any) -> bool:
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name, None) is value
    except ImportError:
        return False
