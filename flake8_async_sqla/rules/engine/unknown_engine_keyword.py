"""
# unknown-engine-keyword

## What it does
Finds keywords that `create_async_engine()` and `create_engine()` do not know: misspelt ones (`pool_class`), those of
a session or session factory (`expire_on_commit`), and driver arguments that belong into `connect_args` (`ssl`,
`command_timeout`).

## Why is this bad?
The engine cannot be made: `TypeError: Invalid argument(s) 'pool_class' sent to create_engine(), using configuration
...`.

## Example
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("sqlite+aiosqlite:///app.db", pool_class=NullPool)

## Use instead
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("sqlite+aiosqlite:///app.db", poolclass=NullPool)

## Fix safety
Safe where a keyword is renamed to the one that it resembles: the program cannot run as it is. Unsafe where a driver
argument moves into `connect_args`. Keywords of other objects are left to you.

## Options
- `--async-sqla-target`: which SQLAlchemy series must know the keyword.

## References
- [SQLAlchemy: create_engine() parameters](https://docs.sqlalchemy.org/en/20/core/engines.html#sqlalchemy.create_engine)
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.facts.driver_arguments_generated import CONNECT_ARGUMENTS
from flake8_async_sqla.facts.keywords_generated import (
    ASYNC_SESSIONMAKER_KEYWORDS,
    ENGINE_KEYWORDS,
    ENGINE_KEYWORDS_BY_DIALECT,
)
from flake8_async_sqla.facts.versions import SUPPORTED
from flake8_async_sqla.fixes.vocabulary import (
    AddKeyword,
    Code,
    Fix,
    Refusal,
    RemoveArgument,
    RenameKeyword,
    safe,
    unsafe,
)
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.module import Module

_CLOSE = 0.8
_OPEN = ("plugins", "strategy")


@rule("ASQ106", symptom="Invalid argument(s) 'pool_class' sent to create_engine()", fixable="sometimes")
def unknown_engine_keyword(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report keywords that no dialect, pool or engine takes."""
    if engine.from_config or engine.configured or any(engine.keyword(name) for name in _OPEN):
        return
    targets = sorted(module.project.settings.targets)
    found = urls(module, engine.url)
    dialects = {url.scheme for url in found}
    for keyword in engine.keywords:
        name = keyword.arg
        if name is None or name.startswith("_"):
            continue
        lacking = [version for version in targets if not _known(name, version, dialects)]
        if not lacking:
            continue
        if (told := _advice(name, lacking[0], dialects)) is None:
            continue
        advice, meant = told
        series = "" if len(lacking) == len(targets) else f" on SQLAlchemy {', '.join(lacking)}"
        yield Diagnostic(
            at=keyword,
            message=f"{engine.name}() has no keyword '{name}'{series} (TypeError: Invalid argument(s)); {advice}",
            fix=partial(_fix, engine, keyword, meant),
        )


def _known(name: str, version: str, dialects: set[str]) -> bool:
    if name in ENGINE_KEYWORDS[version] or name == "url":
        own = [scheme for scheme, names in ENGINE_KEYWORDS_BY_DIALECT[version].items() if name in names]
        return not own or not dialects or not _foreign(own, dialects, version)
    return False


def _foreign(own: list[str], dialects: set[str], version: str) -> bool:
    """Tell whether a keyword belongs to other dialects than the engine's, which is one that SQLAlchemy ships."""
    shipped = ENGINE_KEYWORDS_BY_DIALECT[version]
    return all(scheme in shipped and scheme not in own for scheme in dialects)


def _advice(name: str, version: str, dialects: set[str]) -> tuple[str, str] | None:
    """Return what to do about a keyword, and the keyword that was meant; ``None`` if it may be right."""
    if name in ENGINE_KEYWORDS[version]:
        return f"{', '.join(sorted(dialects))} has nothing like it", ""
    drivers = {scheme.partition("+")[2] for scheme in dialects} or set(CONNECT_ARGUMENTS)
    if name in ASYNC_SESSIONMAKER_KEYWORDS[version]:
        return f"'{name}' is a keyword of the session factory", ""
    if others := [series for series in SUPPORTED if name in ENGINE_KEYWORDS[series]]:
        return f"only SQLAlchemy {' and '.join(others)} {'know' if others[1:] else 'knows'} it; remove it", ""
    if any(name in CONNECT_ARGUMENTS.get(driver, ()) for driver in drivers):
        return f"give it to the driver as connect_args={{'{name}': ...}}", "connect_args"
    close = difflib.get_close_matches(name, sorted(ENGINE_KEYWORDS[version]), 1, _CLOSE)
    if close:
        return f"did you mean '{close[0]}'?", close[0]
    shipped = ENGINE_KEYWORDS_BY_DIALECT[version]
    return ("remove it", "") if dialects and all(scheme in shipped for scheme in dialects) else None


def _fix(engine: EngineCall, keyword: ast.keyword, meant: str) -> Fix | Refusal:
    if not engine.holds(keyword):
        return Refusal("the keyword is written in a mapping that others may read")
    if not meant:
        return Refusal("what the keyword should do here cannot be seen")
    if engine.keyword(meant) is not None or engine.open:
        return Refusal(f"'{meant}' may be given already")
    if meant == "connect_args":
        code = Code(f'{{{{"{keyword.arg}": {{value}}}}}}', nodes={"value": keyword.value})
        edits = (RemoveArgument(engine.call, keyword), AddKeyword(engine.call, "connect_args", code))
        return unsafe("the argument reaches the driver for the first time", *edits)
    assert keyword.arg is not None
    return safe(RenameKeyword(engine.call, keyword.arg, meant))
