"""Drive the programs of the pages on implicit IO: tables with rows, then a coroutine with a session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import indent

from tests.sqlalchemy_versions import run

GREENLET = "greenlet_spawn has not been called"

_DRIVER = """

import asyncio

from sqlalchemy.ext.asyncio import async_sessionmaker as make_factory, create_async_engine as make_engine


async def drive():
    engine = make_engine("sqlite+aiosqlite://")
    factory = make_factory(engine, expire_on_commit=False)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        for cls, row in {rows}:
            await connection.execute(cls.__table__.insert().values(row))
    try:
        async with factory() as session:
            print(await {call})
    finally:
        await engine.dispose()


asyncio.run(drive())
"""


def driving(call: str, rows: str = "[]") -> str:
    """Write code that creates the tables, fills them and awaits a call, which may use ``session``.

    Args:
        call: The call.
        rows: A list of pairs of a class and a dictionary of values.
    """
    return _DRIVER.format(call=call, rows=rows)


_EACH = """

import asyncio
import json

from sqlalchemy.ext.asyncio import async_sessionmaker as make_factory, create_async_engine as make_engine
from sqlalchemy.pool import StaticPool


async def attempt(shape):
    engine = make_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        for cls, row in {rows}:
            await connection.execute(cls.__table__.insert().values(row))
    factory.configure(bind=engine)
    keeping.configure(bind=engine)
    try:
        async with keeping() as session:
            await shape(session)
        return ""
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"
    finally:
        await engine.dispose()


async def drive():
    return {{name: await attempt(shape) for name, shape in {{{shapes}}}.items()}}


factory, keeping = make_factory(), make_factory(expire_on_commit=False)
print(json.dumps(asyncio.run(drive())))
"""


def each(series: str, models: str, bodies: Mapping[str, str], rows: str = "[]") -> dict[str, str]:
    """Run coroutines on a series, each with a new database.

    Args:
        series: The series of SQLAlchemy.
        models: The models and imports.
        bodies: Bodies of coroutines by name. They may use ``session``, which keeps its objects at a commit, and two
            factories: ``keeping``, and ``factory`` that leaves ``expire_on_commit`` on.
        rows: A list of pairs of a class and a dictionary of values.

    Returns:
        The exception of each by name; empty where none was raised.
    """
    functions = [
        f"async def shape{number}(session):\n{indent(body, '    ')}" for number, body in enumerate(bodies.values())
    ]
    shapes = ", ".join(f"{name!r}: shape{number}" for number, name in enumerate(bodies))
    done = run(series, "\n".join([models, *functions]) + _EACH.format(rows=rows, shapes=shapes))
    assert done.stdout, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found
