"""Observe the members of SQLAlchemy's engines, connections, sessions and results."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
import warnings
from collections.abc import Iterator
from typing import Any

from flake8_async_sqla.dev.facts_instances import Instances

_NAMES = {
    "sqlalchemy.ext.asyncio": """AsyncAttrs AsyncConnection AsyncEngine AsyncMappingResult AsyncResult
        AsyncScalarResult AsyncSession AsyncSessionTransaction AsyncTransaction AsyncTupleResult async_scoped_session
        async_sessionmaker""",
    "sqlalchemy.engine": """Connection CursorResult Engine MappingResult NestedTransaction Result RootTransaction
        ScalarResult Transaction""",
    "sqlalchemy.orm": "Query Session SessionTransaction scoped_session sessionmaker",
    "sqlmodel.orm.session": "Session",
    "sqlmodel.ext.asyncio.session": "AsyncSession",
}
CLASSES = tuple(f"{module}.{name}" for module, names in _NAMES.items() for name in names.split())

PROTOCOLS = frozenset(
    f"__{name}__"
    for name in [
        "aenter",
        "aexit",
        "aiter",
        "anext",
        "await",
        "call",
        "contains",
        "enter",
        "exit",
        "getitem",
        "iter",
        "len",
        "next",
    ]
)


def load(path: str) -> Any:
    """Import the object of a dotted path; None when the installed release has none."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def observe() -> dict[str, dict[str, list[str]]]:
    """Describe every member of every class: its kind and its result.

    Returns:
        Canonical class path to member name to ``[kind, result]``.
    """
    classes = {path: cls for path in CLASSES if (cls := load(path)) is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(_observe(classes))


async def _observe(classes: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    table: dict[str, dict[str, list[str]]] = {}
    for path, cls in classes.items():
        async with Instances() as instances:
            table[path] = {name: await _member(path, cls, name, classes, instances) for name in _names(path, cls)}
            sample = await instances.sample(path)
            attributes = [name for name in getattr(sample, "__dict__", ()) if not name.startswith("_")]
            for name in sorted(set(attributes) - set(dir(cls))):
                table[path][name] = ["attribute", _class_of(getattr(sample, name), classes)]
    return table


def _names(path: str, cls: type) -> Iterator[str]:
    for name in sorted(dir(cls)):
        if name.startswith("_") and name not in PROTOCOLS:
            continue
        if path.startswith("sqlmodel.") and name not in vars(cls):
            continue
        yield name


async def _member(path: str, cls: type, name: str, classes: dict[str, Any], instances: Instances) -> list[str]:
    member = inspect.getattr_static(cls, name)
    if isinstance(member, (staticmethod, classmethod)):
        member = member.__func__
    if not callable(member):  # SQLAlchemy's memoized properties look like methods to `inspect.isroutine`
        return await _value(path, name, member, classes, instances)
    annotated = _annotated(member, path, classes)
    called, kind, result = await instances.call(path, name, lambda value: _class_of(value, classes))
    if called:
        return [kind, (annotated if kind in ("coroutine", "sync") else "") or result]
    if inspect.iscoroutinefunction(inspect.unwrap(member)) or _proxies_coroutine(path, name):
        return ["coroutine", annotated]
    return ["sync", annotated]


def _proxies_coroutine(path: str, name: str) -> bool:
    """Tell whether a plain function of 1.4's `async_scoped_session` passes on a coroutine of the session."""
    session = load("sqlalchemy.ext.asyncio.AsyncSession")
    return path.endswith(".async_scoped_session") and inspect.iscoroutinefunction(getattr(session, name, None))


async def _value(path: str, name: str, member: Any, classes: dict[str, Any], instances: Instances) -> list[str]:
    kind = "property" if hasattr(type(member), "__get__") else "attribute"
    sample = await instances.sample(path)
    try:
        value = getattr(sample, name) if sample is not None else None
    except Exception:  # a property may need a state that the sample is not in
        value = None
    result = _class_of(value, classes)
    if not result and isinstance(member, property) and member.fget is not None:
        result = _annotated(member.fget, path, classes)
    return [kind, result]


def _class_of(value: Any, classes: dict[str, Any]) -> str:
    for base in type(value).__mro__:
        for path, cls in classes.items():
            if base is cls:
                return path
    return ""


def _annotated(function: Any, path: str, classes: dict[str, Any]) -> str:
    """Read the result class from the return annotation, which SQLAlchemy 2 writes as a string."""
    annotation = str(getattr(function, "__annotations__", {}).get("return", ""))
    found = re.match(r"(?:Optional\[|Union\[)?(?:\w+\.)*(\w+)", annotation)
    name = found[1] if found else ""
    if name in ("Self", "SelfSession"):
        return path
    own = {cls.__name__: other for other, cls in classes.items() if not other.startswith("sqlmodel.")}
    return own.get(name, "")
