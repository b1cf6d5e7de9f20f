"""Observe the keywords of engines, pools and session factories."""

from __future__ import annotations

import inspect
import re
from typing import Any

import sqlalchemy.engine.create
import sqlalchemy.engine.url
import sqlalchemy.pool
from sqlalchemy import orm, util
from sqlalchemy.ext import asyncio as sa_asyncio

from flake8_async_sqla.dev.facts_dialects import dialects

_CREATE = inspect.getsource(sqlalchemy.engine.create) + inspect.getsource(sqlalchemy.engine.url)


def observe() -> dict[str, Any]:
    """Describe every keyword that an engine, a pool, a session or a factory takes."""
    pools = {
        name: _pool_keywords(cls)
        for name, cls in sorted(vars(sqlalchemy.pool).items())
        if inspect.isclass(cls) and issubclass(cls, sqlalchemy.pool.Pool)
    }
    by_dialect = {scheme: _class_keywords(cls) for scheme, cls in dialects().items()}
    everywhere = frozenset.intersection(*by_dialect.values())
    common = everywhere | _consumed() | _class_keywords(sqlalchemy.engine.Engine)
    async_only = set(re.findall(r'kw\.pop\("(\w+)"', inspect.getsource(sa_asyncio.create_async_engine)))
    session, async_session = _parameters(orm.Session), _parameters(sa_asyncio.AsyncSession)
    async_factory = getattr(sa_asyncio, "async_sessionmaker", None)
    return {
        "engine": sorted(common.union(async_only, *by_dialect.values(), *pools.values())),
        "engine_async_only": sorted(async_only),
        "engine_by_dialect": {scheme: sorted(names - common) for scheme, names in by_dialect.items()},
        "pool": {name: sorted(names) for name, names in pools.items()},
        "session": sorted(session),
        "async_session": sorted(session | async_session),
        "sessionmaker": sorted(session | _parameters(orm.sessionmaker)),
        "async_sessionmaker": sorted(session | async_session | _parameters(async_factory)) if async_factory else [],
    }


def _class_keywords(cls: type) -> frozenset[str]:
    names = util.get_cls_kwargs(cls)
    return frozenset(name for name in names if not name.startswith("_")) - {"self", "pool", "dialect", "url"}


def _consumed() -> frozenset[str]:
    """Read the names that `create_engine` takes out of its keywords by itself."""
    names = re.findall(r'(?:pop_kwarg|kwargs\.pop)\(\s*"(\w+)"', _CREATE)
    return frozenset(name for name in names if not name.startswith("_"))


def _pool_keywords(cls: type) -> frozenset[str]:
    translated = dict(re.findall(r'"(\w+)": "(\w*pool\w*)"', _CREATE))
    names = (translated.get(name, name) for name in util.get_cls_kwargs(cls))
    return frozenset(name for name in names if "pool" in name or name == "max_overflow")


def _parameters(cls: Any) -> frozenset[str]:
    parameters = inspect.signature(cls.__init__).parameters.values()
    return frozenset(p.name for p in parameters if p.kind is not p.VAR_KEYWORD and p.name != "self")
