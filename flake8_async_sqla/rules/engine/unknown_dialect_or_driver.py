"""
# unknown-dialect-or-driver

## What it does
Finds database URLs with a dialect or driver that SQLAlchemy cannot load: `postgres://`, `postgresql+psycopg3://`,
`postgresql+aiopg://`, `sqlite+sqlite3://`, and misspelt ones such as `postgressql://` or `sqlite+aiosqllite://`.
Names of other packages' dialects are left alone.

## Why is this bad?
The engine cannot be made: `NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres`.

## Example
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite3:///app.db")

## Use instead
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")

## Fix safety
Safe where the URL is written in the call: the program cannot run as it is. Unsafe where the URL goes through a name,
or where arguments of the URL are translated for another driver.

## Options
- `--async-sqla-drivers`: the driver to write in async engines, as `postgresql=psycopg`.

## References
- [SQLAlchemy: Can't load plugin
  sqlalchemy.dialects:postgres](https://docs.sqlalchemy.org/en/20/changelog/changelog_14.html)
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.facts.dialects import DEFAULT_DRIVER, DRIVERS, MISSPELT, THIRD_PARTY, driver
from flake8_async_sqla.facts.versions import SUPPORTED
from flake8_async_sqla.rules.drivers import change_scheme, replacement_of
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall
from flake8_async_sqla.semantics.module import Module

_CLOSE_BACKEND = 0.85
_CLOSE_DRIVER = 0.8
_BACKENDS = {backend for defaults in DEFAULT_DRIVER.values() for backend in defaults}
_SCHEMES = {scheme for drivers in DRIVERS.values() for scheme in drivers}
_OTHERS = {scheme.partition("+")[0] for scheme in THIRD_PARTY} - _BACKENDS


@rule("ASQ114", symptom="Can't load plugin: sqlalchemy.dialects:postgres", fixable="sometimes")
def unknown_dialect_or_driver(engine: EngineCall | WrapperCall, module: Module) -> Iterator[Diagnostic]:
    """Report URLs whose dialect SQLAlchemy cannot load."""
    found = urls(module, engine.url)
    if not found or engine.url is None:
        return
    meant = [_meant(url.scheme) for url in found]
    if not all(meant) or _registers_dialects(module):
        return
    scheme = replacement_of(meant[0], module) if engine.is_async else meant[0]
    advice = f"use '{scheme}'" if scheme else f"did you mean '{meant[0]}'?"
    yield Diagnostic(
        at=engine.url,
        message=f"SQLAlchemy has no '{found[0].scheme}://'{found[0].place(module)}: {engine.name}() raises "
        f"NoSuchModuleError; {advice}",
        fix=partial(change_scheme, module, engine, found[0], scheme) if scheme else None,
    )


def _meant(scheme: str) -> str:
    """Return the scheme that a wrong one stands for; an empty string for one that may be right."""
    if scheme in MISSPELT:
        return MISSPELT[scheme]
    if any(driver(scheme, version) is not None for version in SUPPORTED):
        return ""
    backend, _, name = scheme.partition("+")
    if backend in _OTHERS:
        return ""
    if backend not in _BACKENDS:
        close = difflib.get_close_matches(MISSPELT.get(backend, backend), sorted(_BACKENDS), 1, _CLOSE_BACKEND)
        if not close:
            return ""
        fixed = f"{close[0]}+{name}" if name else close[0]
        return fixed if any(driver(fixed, version) is not None for version in SUPPORTED) else close[0]
    drivers = sorted(known.partition("+")[2] for known in _SCHEMES if known.startswith(f"{backend}+"))
    close = difflib.get_close_matches(name, drivers, 1, _CLOSE_DRIVER)
    return f"{backend}+{close[0]}" if close else ""


def _registers_dialects(module: Module) -> bool:
    """Tell whether the module adds dialects of its own: ``registry.register("name", ...)``."""
    calls = (node for scope in module.index.scopes.values() for node in scope.nodes if isinstance(node, ast.Call))
    return any(
        isinstance(call.func, ast.Attribute) and call.func.attr == "register" and len(call.args) == 3 for call in calls
    )
