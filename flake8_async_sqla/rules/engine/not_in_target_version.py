"""
# not-in-target-version

## What it does
Finds names, methods and drivers of SQLAlchemy's asyncio side that one of the targeted series does not have: what 2.1
removed (`FallbackAsyncAdaptedQueuePool`, `?async_fallback=true`), and, where 1.4 is a target, what 2.0 brought
(`async_sessionmaker`, `AsyncAttrs`, `AsyncSession.get_one()`, `postgresql+psycopg://`).

## Why is this bad?
The program works with the SQLAlchemy of today and breaks with the next, or with the one that a user has:
`ImportError: cannot import name 'FallbackAsyncAdaptedQueuePool' from 'sqlalchemy.pool'`. Imports in `try` with
`except ImportError`, and code that asks for the version, are fine.

## Example
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import FallbackAsyncAdaptedQueuePool

    engine = create_async_engine("sqlite+aiosqlite:///app.db", poolclass=FallbackAsyncAdaptedQueuePool)

## Use instead
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import AsyncAdaptedQueuePool

    engine = create_async_engine("sqlite+aiosqlite:///app.db", poolclass=AsyncAdaptedQueuePool)

## Fix safety
Not offered: what takes the place of a name depends on how it is used.

## Options
- `--async-sqla-target`: the series that must have everything.

## References
- [SQLAlchemy 2.1: migration](https://docs.sqlalchemy.org/en/21/changelog/migration_21.html)
- [SQLAlchemy 2.0: what's new](https://docs.sqlalchemy.org/en/20/changelog/whatsnew_20.html)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.dialects import driver
from flake8_async_sqla.facts.engine_arguments import ADDED, REMOVED
from flake8_async_sqla.facts.symbols import CANONICAL
from flake8_async_sqla.facts.versions import SUPPORTED, includes
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import last_name, parts
from flake8_async_sqla.semantics.subjects import MemberCall
from flake8_async_sqla.semantics.types import External

_GUARDS = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "Exception"})
_LAST = frozenset(key.rpartition(".")[2] for key in (*REMOVED, *ADDED))


@rule("ASQ113", symptom="cannot import name 'FallbackAsyncAdaptedQueuePool' from 'sqlalchemy.pool'", names=_LAST)
def not_in_target_version(
    use: ast.ImportFrom | ast.Attribute | EngineCall | MemberCall, module: Module
) -> Iterator[Diagnostic]:
    """Report what a targeted series lacks."""
    at = use if isinstance(use, ast.AST) else use.call
    for node, name, since, until in _uses(use, module):
        targets = sorted(module.project.settings.targets)
        lacking = [version for version in targets if not includes(version, since, until)]
        if lacking and not _guarded(module, at):
            advice = f"{until} was the last to have it" if until else f"it needs {since}"
            yield Diagnostic(at=node, message=f"SQLAlchemy {' and '.join(lacking)} has no '{name}'; {advice}")


def _uses(
    use: ast.ImportFrom | ast.Attribute | EngineCall | MemberCall, module: Module
) -> Iterator[tuple[ast.expr | ast.stmt, str, str, str]]:
    """Yield what came or went between the series: the place, its name, the first and the last series that have it."""
    if isinstance(use, ast.ImportFrom):
        for alias in use.names if not use.level else ():
            path = f"{use.module}.{alias.name}"
            yield use, alias.name, *_span(CANONICAL.get(path, path))
    elif isinstance(use, ast.Attribute):
        kind = module.type_of(use) if use.attr in _LAST else None
        if isinstance(kind, External):
            yield use, use.attr, *_span(kind.path)
    elif isinstance(use, MemberCall):
        found = fact(use.cls, use.name) if use.cls.startswith("sqlalchemy.ext.asyncio.") else None
        if found is not None:
            yield use.call.func, f"{use.cls.rpartition('.')[2]}.{use.name}", found.since, found.until
    elif use.url is not None:
        for url in urls(module, use.url)[:1]:
            for name in url.query:
                yield use.url, f"?{name}=", *_span(f"?{name}")
            known = [version for version in SUPPORTED if driver(url.scheme, version) is not None]
            if known:
                yield use.url, f"{url.scheme}://", known[0], known[-1] if known[-1] != SUPPORTED[-1] else ""


def _span(key: str) -> tuple[str, str]:
    """Return the first and the last series that have what a key of the tables names."""
    until = SUPPORTED[SUPPORTED.index(REMOVED[key]) - 1] if key in REMOVED else ""
    return ADDED.get(key, SUPPORTED[0]), until


def _guarded(module: Module, node: ast.AST) -> bool:
    """Tell whether code only runs where the name is there: a ``try`` that catches its lack, or any condition around."""
    child = node
    for outer in module.ancestors(node):
        if isinstance(outer, ast.Try):
            if child not in outer.body or any(_catches(handler) for handler in outer.handlers):
                return True
        elif isinstance(outer, (ast.If, ast.IfExp)):
            return True
        child = outer
    return False


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(last_name(name) in _GUARDS for name in parts(handler.type))
