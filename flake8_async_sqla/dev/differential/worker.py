"""Runs programs on SQLAlchemy: one JSON request with a program per line of standard input, one JSON answer per line."""

from __future__ import annotations

import ast
import asyncio
import gc
import io
import json
import os
import signal
import sys
import traceback
import types
import warnings
from contextlib import redirect_stdout
from typing import Any

import aiosqlite
import sqlalchemy
from sqlalchemy import MetaData
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, SAWarning, StatementError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import clear_mappers, configure_mappers
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.pool import StaticPool

from flake8_async_sqla.dev.differential.tables import script

FILE = "<program>"
_AFTER_MODELS = "\nengine = "
_MAX_STEPS = 2000
_MAX_SECONDS = 5.0


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


def _marked(statements: list[ast.stmt], *, runs: bool = False) -> list[ast.stmt]:
    """Put a call before each statement of a function that notes its line."""
    for statement in statements:
        for name in ("body", "orelse"):
            if block := getattr(statement, name, None):
                setattr(statement, name, _marked(block, runs=not isinstance(statement, ast.ClassDef)))
    return [item for statement in statements for item in (_note(statement), statement)] if runs else statements


def _note(statement: ast.stmt) -> ast.stmt:
    call = ast.Call(ast.Name("__line__", ast.Load()), [ast.Constant(statement.lineno)], [])
    return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), statement))


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

    def __init__(self) -> None:
        self.engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool, async_creator=self._connect)
        self.source = self.models = self.script = ""
        self.names: dict[str, Any] = {}
        self.own: frozenset[str] = frozenset()  # the names that the models need
        self.scripts: dict[int, str] = {}

    def load(self, source: str, rows: int, lines: _Lines) -> dict[str, Any]:
        """Run the statements of a module, unless it is the same again; return its names."""
        if source != self.source:
            self._define(source)
        self.names["__line__"] = lines.note
        if rows not in self.scripts:
            self.scripts[rows] = script(self._metadata(), rows)
        self.script = self.scripts[rows]
        return self.names

    def _define(self, source: str) -> None:
        models, _, rest = source.partition(_AFTER_MODELS)
        if models != self.models:
            self.forget()
            module = sys.modules["program"] = types.ModuleType("program")  # annotations are evaluated in their module
            self.names = module.__dict__
            self._execute(models, 0)
            configure_mappers()
            self.models, self.own = models, frozenset(self.names)
        for name in self.names.keys() - self.own:
            del self.names[name]
        self._execute(f"engine = {rest}", models.count("\n") + 1)
        self.names["factory"].configure(bind=self.engine)
        self.source = source

    def _execute(self, text: str, above: int) -> None:
        tree = ast.increment_lineno(ast.parse(text), above)
        tree.body = _marked(tree.body)
        exec(compile(tree, FILE, "exec", dont_inherit=True), self.names)

    def _metadata(self) -> MetaData:
        base = self.names.get("Base") or self.names["SQLModel"]
        return base.metadata  # type: ignore[no-any-return]

    async def _connect(self) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(":memory:")
        await connection.executescript(self.script)
        return connection

    def forget(self) -> None:
        """Unmap the models."""
        self.source = self.models = ""
        self.scripts = {}
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
    main = programs.load(source, rows, lines)["main"]
    answers = []
    for flag in flags:
        await programs.engine.dispose()  # a new connection is a new database
        lines.clear()
        answer: dict[str, Any] = {"error": "", "text": "", "at": []}
        signal.setitimer(signal.ITIMER_VIRTUAL, _MAX_SECONDS)
        try:
            await main(flag)
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
    """Say which series it is, then answer each line of standard input."""
    answers, programs = sys.stdout, _Programs()
    print(sqlalchemy.__version__[:3], file=answers, flush=True)
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
    await programs.engine.dispose()


if __name__ == "__main__":
    warnings.simplefilter("ignore", SAWarning)
    warnings.simplefilter("ignore", RuntimeWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    signal.signal(signal.SIGVTALRM, _stop)  # the text of objects that refer to each other can be endless
    gc.disable()
    gc.freeze()  # what was imported is here to stay
    asyncio.run(serve())
