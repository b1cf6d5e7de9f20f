"""Run the coroutines of a fixture one by one: those with a marked line must raise, the others must not."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from tests.rules.kit import FIXTURES
from tests.sqlalchemy_versions import run

_DRIVE = """

import asyncio as _asyncio
import inspect as _inspect
import json as _json
from sqlalchemy.ext.asyncio import create_async_engine as _create


async def _outcome(engine, function):
    try:
        async with AsyncSession(engine) as session:
            await function(session)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


async def _main(functions):
    found = {}
    for function in functions:
        engine = _create("sqlite+aiosqlite://")
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(_seed())
            await session.commit()
        found[function.__name__] = await _outcome(engine, function)
        await engine.dispose()
    print("OUTCOMES " + _json.dumps(found))


_own = [value for value in list(globals().values()) if _inspect.iscoroutinefunction(value) and value.__name__[0] != "_"]
_asyncio.run(_main([value for value in _own if list(_inspect.signature(value).parameters) == ["session"]]))
"""


def outcomes(path: Path, seed: str, series: str, cwd: Path) -> dict[str, str]:
    """Run every coroutine of a fixture that takes nothing but a session; give the error of each, empty without one.

    Args:
        path: The fixture; it defines `Base`.
        seed: Definition of ``_seed()``, which returns the objects that the database holds.
        series: SQLAlchemy's series.
        cwd: Directory to run in.
    """
    done = run(series, path.read_text(encoding="utf-8") + seed + _DRIVE, cwd=cwd)
    lines = [line for line in done.stdout.splitlines() if line.startswith("OUTCOMES ")]
    assert lines, done.stderr[-2000:]
    return json.loads(lines[0].removeprefix("OUTCOMES "))  # type: ignore[no-any-return]


def marked(code: str) -> dict[str, bool]:
    """Tell for every coroutine of a rule's fixture whether it holds a marked line."""
    path = FIXTURES / f"{code}.py"
    source = path.read_text(encoding="utf-8")
    lines = {number for number, line in enumerate(source.splitlines(), 1) if re.search(rf"#.*\b{code}\b", line)}
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.AsyncFunctionDef)]
    return {
        node.name: any(node.lineno <= line <= (node.end_lineno or 0) for line in lines)
        for node in functions
        if [argument.arg for argument in node.args.args] == ["session"]
    }


def compare(code: str, symptom: str, seed: str, series: str, cwd: Path) -> None:
    """Assert that exactly the marked coroutines of a rule's fixture end with its symptom, and the others run."""
    expected = marked(code)
    found = outcomes(FIXTURES / f"{code}.py", seed, series, cwd)
    assert True in expected.values()
    assert {name: symptom in error for name, error in found.items()} == expected
    assert [error for name, error in found.items() if error and not expected[name]] == []


def fixed_runs(code: str, left: frozenset[str], seed: str, series: str, cwd: Path) -> None:
    """Assert that the fixed fixture runs, but for the coroutines whose findings have no fix."""
    found = outcomes(FIXTURES / f"{code}.fixed.py", seed, series, cwd)
    assert {name for name, error in found.items() if error} == left
