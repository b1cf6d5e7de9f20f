"""Runs programs on SQLAlchemy: one JSON request with a program per line of standard input, one JSON answer per line.

The tables of a program hold rows with the keys 1 to 4, all foreign keys set, before its coroutine starts: what is never
found for want of data is not what the comparison is about. Of an inheritance hierarchy, the even keys are subclasses.
Which row a foreign key leads to is another with each number of the ``rows`` requested: other objects are in the session
then.
"""

from __future__ import annotations

import ast
import asyncio
import datetime
import gc
import io
import json
import os
import signal
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from itertools import product
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, SAWarning, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import clear_mappers, configure_mappers
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.pool import StaticPool

FILE = "<program>"
_AFTER_MODELS = "\nengine = "
_MAX_STEPS = 2000
_MAX_SECONDS = 5.0
_ROWS = (1, 2, 3, 4)
_ORDERS = (
    (0, 0, 1, 1),
    (0, 1, 2, 3),
    (1, 0, 3, 2),
    (2, 3, 0, 1),
    (3, 3, 3, 3),
    (1, 1, 1, 1),
    (0, 0, 0, 0),
)


class _Lines(set[int]):
    """The lines begun; a program that goes round in circles is stopped."""

    steps = 0

    def note(self, line: int) -> None:
        self.add(line)
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise TimeoutError(f"more than {_MAX_STEPS} statements")

    def clear(self) -> None:
        super().clear()
        self.steps = 0


class _Marker(ast.NodeTransformer):
    """Puts a call before each statement that notes its line."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list) and not isinstance(node, (ast.Module, ast.ClassDef)):
                setattr(node, name, [marked for statement in statements for marked in _mark(statement)])
        return node


def _mark(statement: ast.stmt) -> list[ast.stmt]:
    call = ast.Call(ast.Name("__line__", ast.Load()), [ast.Constant(statement.lineno)], [])
    return [ast.copy_location(ast.Expr(call), statement), statement]


def _keys(table: Table) -> tuple[int, ...]:
    inherits = any(column.primary_key for column in table.columns if column.foreign_keys)
    return tuple(key for key in _ROWS if not inherits or key % 2 == 0)


def _targets(column: Column[Any]) -> tuple[int, ...]:
    return _keys(next(iter(column.foreign_keys)).column.table)


def _value(column: Column[Any], key: int, rows: int) -> object:
    name, table = column.name, column.table
    if column.foreign_keys and not column.primary_key:
        targets = _targets(column)
        return targets[_ORDERS[rows][key - 1] % len(targets)]
    if name == "kind":
        return table.name if key % 2 else f"special{table.name}"
    if name in ("created", "updated"):
        return datetime.datetime(2020, 1, key, tzinfo=datetime.timezone.utc)
    return key if isinstance(column.type, Integer) else f"{name} {key}"


def _pairs(lefts: tuple[int, ...], rights: tuple[int, ...], rows: int) -> Iterator[tuple[int, int]]:
    """Yield the rows of an association: each object with all others at first, then with some."""
    if rows == 0:
        yield from product(lefts, rights)
        return
    places = range(max(len(lefts), len(rights)))
    pairs = [(lefts[place % len(lefts)], rights[_ORDERS[rows][place] % len(rights)]) for place in places]
    yield from dict.fromkeys(pairs if rows < len(_ORDERS) - 1 else [(lefts[-1], right) for right in rights])


def _fill(connection: Connection, metadata: MetaData, rows: int) -> None:
    metadata.create_all(connection, checkfirst=False)
    for table in metadata.sorted_tables:
        if len(table.primary_key.columns) > 1:
            left, right = table.primary_key.columns
            filled: list[dict[str, object]] = [
                {left.name: one, right.name: other} for one, other in _pairs(_targets(left), _targets(right), rows)
            ]
        else:
            filled = [{column.name: _value(column, key, rows) for column in table.columns} for key in _keys(table)]
        connection.execute(table.insert(), filled)


def kind(error: BaseException) -> str:
    """Name the failure of a read; empty for other errors."""
    if isinstance(error, MissingGreenlet) or (
        isinstance(error, StatementError) and isinstance(error.__cause__ or error.orig, MissingGreenlet)
    ):
        return "MissingGreenlet"
    if type(error).__name__ == "ValidationError" and "MissingGreenlet" in str(error):  # pydantic's, of what it reads
        return "MissingGreenlet"
    if isinstance(error, DetachedInstanceError):
        return "DetachedInstanceError"
    if isinstance(error, InvalidRequestError) and ("is not available due to" in str(error)):
        return "InvalidRequestError"
    return ""


class _Programs:
    """The program that was run last: another one with the same models goes on with them, mapped as they are."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.models = ""
        self.names: dict[str, Any] = {}

    def load(self, source: str, note: Callable[[int], None]) -> dict[str, Any]:
        """Run the statements of a module; return its names."""
        models = source.partition(_AFTER_MODELS)[0]
        statements = ast.fix_missing_locations(_Marker().visit(ast.parse(source))).body
        if models == self.models:
            statements = [statement for statement in statements if statement.lineno > models.count("\n") + 1]
        else:
            self.forget()
            module = sys.modules["program"] = types.ModuleType("program")  # annotations are evaluated in their module
            self.names = module.__dict__
        self.names["__line__"] = note
        exec(compile(ast.Module(statements, []), FILE, "exec", dont_inherit=True), self.names)
        configure_mappers()
        self.models = models
        self.names["factory"].configure(bind=self.engine)
        return self.names

    def forget(self) -> None:
        """Unmap the models."""
        self.models = ""
        clear_mappers()
        self.engine.sync_engine.clear_compiled_cache()
        if "sqlmodel" in sys.modules:
            from sqlmodel import SQLModel
            from sqlmodel.main import default_registry

            SQLModel.metadata.clear()
            default_registry.dispose()


async def _run(source: str, flags: list[bool], rows: int, programs: _Programs) -> list[dict[str, Any]]:
    """Run a program once with each flag.

    Returns:
        For each run, the ``error`` (a name of `kind`, ``other`` or nothing), its ``text``, the program's lines it went
        through (``at``, outermost first), and all ``lines`` that were begun.
    """
    lines = _Lines()
    engine = programs.engine
    namespace = programs.load(source, lines.note)
    metadata = namespace["Base"].metadata if "Base" in namespace else namespace["SQLModel"].metadata
    answers = []
    for flag in flags:
        await engine.dispose()  # a new connection is a new database
        async with engine.begin() as connection:
            await connection.run_sync(_fill, metadata, rows)
        lines.clear()
        answer: dict[str, Any] = {"error": "", "text": "", "at": []}
        signal.setitimer(signal.ITIMER_VIRTUAL, _MAX_SECONDS)
        try:
            await namespace["main"](flag)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            answer["at"] = [frame.lineno for frame in frames if frame.filename == FILE]
            answer["error"] = kind(error) or "other"
            answer["text"] = f"{type(error).__name__}: {error}"[:300]
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        answer["lines"] = sorted(lines)
        answers.append(answer)
    return answers


def _stop(number: int, frame: object) -> None:
    """End the process: an exception could arrive anywhere, in the event loop too."""
    os._exit(1)


async def serve() -> None:
    """Answer each line of standard input."""
    engine = create_async_engine("sqlite+aiosqlite:///:memory:", poolclass=StaticPool)
    answers, programs = sys.stdout, _Programs(engine)
    for number, line in enumerate(sys.stdin):
        if number % 20 == 0:
            gc.collect()
        source, flags, rows = json.loads(line)
        try:
            with redirect_stdout(io.StringIO()):
                result: object = await _run(source, flags, rows, programs)
        except Exception as error:
            result = f"{type(error).__name__}: {error}"[:2000]
            programs.forget()
        print(json.dumps(result), file=answers, flush=True)
    await engine.dispose()


if __name__ == "__main__":
    warnings.simplefilter("ignore", SAWarning)
    warnings.simplefilter("ignore", RuntimeWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    signal.signal(signal.SIGVTALRM, _stop)  # the text of objects that refer to each other can be endless
    gc.disable()
    gc.freeze()  # what was imported is here to stay
    asyncio.run(serve())
