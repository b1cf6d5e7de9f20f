"""Runs the functions of a package on fresh data each, and prints what they give as JSON.

Usage: run.py DIRECTORY sync|async
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, sys.argv[1])
import models
from sqlalchemy import Row, create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session


def plain(value: Any) -> Any:
    if isinstance(value, models.Base):
        return [type(value).__name__, value.id]
    if isinstance(value, Row):
        return ["row", *(plain(part) for part in value)]
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def sync(form: Any) -> Any:
    engine = create_engine("sqlite://")
    models.Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(models.data())
        session.commit()
    with Session(engine) as session:
        return plain(form(session))


async def asynchronous(form: Any) -> Any:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(models.Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all(models.data())
        await session.commit()
    async with AsyncSession(engine, expire_on_commit=False) as session:
        found = plain(await form(session))
    await engine.dispose()
    return found


def outcome(form: Any) -> Any:
    try:
        return ["gives", asyncio.run(asynchronous(form)) if sys.argv[2] == "async" else sync(form)]
    except Exception as error:
        return ["raises", type(error).__name__]


paths = sorted(Path(sys.argv[1]).glob("form_*.py"))
print(json.dumps({path.stem: outcome(importlib.import_module(path.stem).form) for path in paths}))
