"""
# keyword-async-engine-refuses

## What it does
Finds keywords that engines know, but not in this combination: `server_side_cursors=True`, `future=False` and
`strategy=` on an async engine, a `creator=` that returns a coroutine or a driver's own connection, an
`async_creator=` that is synchronous, and `async_creator=` on `create_engine()`.

## Why is this bad?
The engine cannot be made: `AsyncMethodRequired: Can't set server_side_cursors for async engine globally`,
`ArgumentError: The 'future' parameter passed to create_engine() may only be set to True.`, `TypeError: Invalid
argument(s) 'async_creator' sent to create_engine()`. With the wrong creator it is made, but no connection is:
`AttributeError: 'coroutine' object has no attribute ...`.

## Example
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db", server_side_cursors=True)

## Use instead
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")

## Fix safety
Safe: the program cannot run as it is. A creator that uses a synchronous driver is left to you, and so is
`async_creator=` on a synchronous engine.

## References
- [SQLAlchemy: create_async_engine()](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, RemoveArgument, RenameKeyword, safe
from flake8_async_sqla.rules.engine.creators import given_by
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.module import Module


@rule("ASQ108", symptom="Can't set server_side_cursors for async engine globally", fixable="sometimes")
def keyword_async_engine_refuses(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report keywords that this kind of engine refuses."""
    for keyword in engine.keywords:
        if (why := _why(engine, keyword, module)) is not None:
            yield Diagnostic(at=keyword, message=why, fix=partial(_fix, engine, keyword, module))


def _why(engine: EngineCall, keyword: ast.keyword, module: Module) -> str | None:
    name, value = keyword.arg, keyword.value
    if name == "async_creator" and engine.path == "sqlalchemy.create_engine":
        return "create_engine() has no 'async_creator' (TypeError: Invalid argument(s)); use create_async_engine()"
    if not engine.is_async:
        return None
    if name == "creator" and (made := given_by(module, value)) is not None:
        return f"'creator' gives {made.describe()}, which async engines cannot use (AttributeError); use async_creator="
    if name == "async_creator" and (made := given_by(module, value)) is not None and not made.awaitable:
        return f"'async_creator' gives {made.describe()}, which cannot be awaited (TypeError); use an async driver"
    if not isinstance(value, ast.Constant):
        return None
    if name == "server_side_cursors" and value.value is True:
        return "server_side_cursors=True raises AsyncMethodRequired on an async engine; use connection.stream() instead"
    if name == "future" and value.value is False and module.project.settings.targets - {"1.4"}:
        return "future=False raises ArgumentError; an async engine is always a future engine"
    if name == "strategy" and value.value not in (None, "mock"):
        return f"strategy={value.value!r} raises ArgumentError: there are no engine strategies any more; remove it"
    return None


def _fix(engine: EngineCall, keyword: ast.keyword, module: Module) -> Fix | Refusal:
    if not engine.holds(keyword):
        return Refusal("the keyword is written in a mapping that others may read")
    if keyword.arg == "async_creator":
        return Refusal("whether the engine or its driver is meant to be async cannot be seen")
    if keyword.arg != "creator":
        return safe(RemoveArgument(engine.options, keyword))
    made = given_by(module, keyword.value)
    if made is None or not made.awaitable:
        return Refusal("the creator uses a synchronous driver")
    return safe(RenameKeyword(engine.options, "creator", "async_creator"))
