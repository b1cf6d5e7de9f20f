"""
# unknown-session-keyword

## What it does
Finds keywords that a session factory or session does not know: misspelt ones (`expire_oncommit`), those of an engine (`pool_size`, `echo`), and
`autocommit=True`, which SQLAlchemy 2.0 no longer has.

## Why is this bad?
A factory takes any keyword; the first session it makes raises `TypeError: Session.__init__() got an unexpected keyword argument
'expire_oncommit'`, in the middle of the first request. `autocommit=True` raises `ArgumentError: autocommit=True is no longer supported`.

## Example
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_oncommit=False)

## Use instead
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)

## Fix safety
Safe where a keyword is renamed to the one that it resembles: no session can be made as it is. `autocommit=True` and keywords of other objects are
left to you.

## Options
- `--async-sqla-target`: which SQLAlchemy series must know the keyword.

## References
- [SQLAlchemy: Session parameters](https://docs.sqlalchemy.org/en/20/orm/session_api.html#sqlalchemy.orm.Session.__init__)
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.facts.keywords_generated import (
    ASYNC_SESSION_KEYWORDS,
    ASYNC_SESSIONMAKER_KEYWORDS,
    ENGINE_KEYWORDS,
    SESSION_KEYWORDS,
    SESSIONMAKER_KEYWORDS,
)
from flake8_async_sqla.fixes.vocabulary import Fix, Refusal, RenameKeyword, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.calls import ASYNC_SESSION, argument
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import FactoryCall, SessionCall
from flake8_async_sqla.semantics.types import Instance

_CLOSE = 0.8


@rule("ASQ205", symptom="got an unexpected keyword argument", fixable="sometimes")
def unknown_session_keyword(subject: FactoryCall | SessionCall, module: Module) -> Iterator[Diagnostic]:
    """Report keywords that neither the factory nor its sessions take."""
    made = subject.product if isinstance(subject, FactoryCall) else subject.made
    if not isinstance(made, Instance) or argument(subject.call, "sync_session_class") is not None:
        return
    tables = _tables(subject, is_async=is_a(made, ASYNC_SESSION))
    targets = sorted(module.project.settings.targets)
    for keyword in subject.call.keywords:
        name = keyword.arg
        if name is None or name.startswith("_"):
            continue
        lacking = [version for version in targets if all(name not in table[version] for table in tables)]
        if name == "autocommit" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
            if set(targets) - {"1.4"}:
                yield Diagnostic(keyword, "autocommit=True is no longer supported (ArgumentError on SQLAlchemy 2.0); remove it")
            continue
        if lacking:
            close = difflib.get_close_matches(name, sorted(set().union(*(table[lacking[0]] for table in tables))), 1, _CLOSE)
            yield Diagnostic(
                at=keyword,
                message=f"a session has no keyword '{name}' (TypeError when a session is made); {_advice(name, close, lacking[0])}",
                fix=partial(_fix, subject.call, name, close),
            )


def _tables(subject: FactoryCall | SessionCall, *, is_async: bool) -> list[dict[str, frozenset[str]]]:
    session = ASYNC_SESSION_KEYWORDS if is_async else SESSION_KEYWORDS
    if isinstance(subject, SessionCall):
        return [session]
    return [session, ASYNC_SESSIONMAKER_KEYWORDS if subject.is_async else SESSIONMAKER_KEYWORDS]


def _advice(name: str, close: list[str], version: str) -> str:
    if close:
        return f"did you mean '{close[0]}'?"
    return f"'{name}' is a keyword of the engine" if name in ENGINE_KEYWORDS[version] else "remove it"


def _fix(call: ast.Call, name: str, close: list[str]) -> Fix | Refusal:
    if not close or argument(call, close[0]) is not None:
        return Refusal("what the keyword should do here cannot be seen")
    return safe(RenameKeyword(call, name, close[0]))
