"""Code that makes the table of the examples about transactions, runs them and shows what is left of it."""

from __future__ import annotations


def renaming(call: str) -> str:
    """Write code that makes a table of one user, awaits a call and prints the user's name."""
    return f"""

import asyncio


async def drive():
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE users (name varchar(40))"))
        await connection.execute(text("INSERT INTO users VALUES ('Ada')"))
    try:
        await {call}
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT name FROM users")))
    finally:
        await engine.dispose()


asyncio.run(drive())
"""


MAPPED = """
import asyncio

from sqlalchemy import String, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(40), unique=True)


async def attempt(name, call, *arguments, **options):
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Item), [{"id": 1, "sku": "bolt"}])
    factory = async_sessionmaker(engine, expire_on_commit=False, **options)
    try:
        await call(engine, factory, *arguments)
        result = "ran"
    except Exception as error:
        result = f"{type(error).__name__}: {error}".splitlines()[0]
    async with engine.connect() as connection:
        skus = (await connection.execute(select(Item.sku).order_by(Item.id))).scalars().all()
    print(name, "|", result, "|", *skus)
    await engine.dispose()
"""


def attempts(bodies: dict[str, str], options: dict[str, str] | None = None) -> str:
    """Write a program that runs function bodies, each on a database of its own, and prints what comes of each.

    Args:
        bodies: Bodies of coroutines with ``engine`` and ``factory``, by name.
        options: Keywords of the factory, by name.
    """
    parts = [MAPPED]
    for name, body in bodies.items():
        lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
        parts.append(f"async def {name}(engine, factory):\n{lines}\n")
    calls = [
        f"    await attempt({name!r}, {name}{', ' + (options or {})[name] if name in (options or {}) else ''})"
        for name in bodies
    ]
    parts.append("async def main():\n" + "\n".join(calls) + "\n\n\nasyncio.run(main())\n")
    return "\n\n".join(parts)


def results(output: str) -> dict[str, tuple[str, str]]:
    """Read what a program of `attempts` printed: by name the exception or ``ran``, and what the database holds."""
    rows = [line.split(" | ") for line in output.splitlines()]
    return {name: (result, rest[0] if rest else "") for name, result, *rest in rows}
