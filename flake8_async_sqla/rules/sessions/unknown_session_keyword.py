"""
# unknown-session-keyword

## What it does
Finds keywords that a session factory or session does not know: misspelt ones (`expire_oncommit`), those of an engine
(`pool_size`, `echo`), and `autocommit=True`, which SQLAlchemy 2.0 no longer has.

## Why is this bad?
A factory takes any keyword; the first session it makes raises `TypeError: Session.__init__() got an unexpected
keyword argument 'expire_oncommit'`, in the middle of the first request. `autocommit=True` raises `ArgumentError:
autocommit=True is no longer supported`.

## Example
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_oncommit=False)

## Use instead
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)

## Fix safety
Safe where a keyword is renamed to the one that it resembles: no session can be made as it is. `autocommit=True` and
keywords of other objects are left to you.

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
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, FACTORIES, SESSIONS, argument
from flake8_async_sqla.semantics.inference.classes import class_attribute, inherits_constructor, is_a
from flake8_async_sqla.semantics.inference.mappings import spread
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import factory_of, origin_of
from flake8_async_sqla.semantics.subjects import FactoryCall, MemberCall, SessionCall
from flake8_async_sqla.semantics.types import UNKNOWN, Instance, ProjectClass, ProjectInstance, Type

_CLOSE = 0.8
_MEANT = {"engine": "bind", "session_class": "class_", "cls": "class_"}


@rule("ASQ205", symptom="got an unexpected keyword argument", fixable="sometimes")
def unknown_session_keyword(subject: FactoryCall | SessionCall | MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report keywords that neither the factory nor its sessions take."""
    made = _made(subject)
    if not _takes_known_keywords(module, subject, made):
        return
    tables = _tables(subject, is_async=is_a(made, ASYNC_SESSION))
    targets = sorted(module.project.settings.targets)
    for keyword in spread(module, subject.call) or subject.call.keywords:
        name = keyword.arg
        if name is None or name.startswith("_"):
            continue
        lacking = [version for version in targets if all(name not in table[version] for table in tables)]
        if name == "autocommit" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
            if set(targets) - {"1.4"}:
                message = "autocommit=True is no longer supported (ArgumentError on SQLAlchemy 2.0); remove it"
                yield Diagnostic(keyword, message)
            continue
        if lacking:
            known = sorted(set().union(*(table[lacking[0]] for table in tables)))
            meant = [_MEANT[name]] if _MEANT.get(name) in known else difflib.get_close_matches(name, known, 1, _CLOSE)
            where = f" on SQLAlchemy {lacking[0]}" if len(lacking) < len(targets) else ""
            yield Diagnostic(
                at=keyword,
                message=f"a session has no keyword '{name}'{where} (TypeError when a session is made); "
                f"{_advice(name, meant, lacking[0])}",
                fix=partial(_fix, subject.call, name, meant),
            )


def _made(subject: FactoryCall | SessionCall | MemberCall) -> Type:
    if isinstance(subject, FactoryCall):
        return subject.product
    if isinstance(subject, SessionCall):
        return subject.made
    factory = subject.receiver
    if subject.name != "configure" or not is_a(factory, *FACTORIES) or not isinstance(factory, Instance):
        return UNKNOWN
    return factory.args[0] if factory.args else UNKNOWN


def _takes_known_keywords(module: Module, subject: FactoryCall | SessionCall | MemberCall, made: Type) -> bool:
    """Tell whether nothing but SQLAlchemy's own constructors sees the keywords."""
    if not is_a(made, *SESSIONS) or not _plain(made):
        return False
    if isinstance(subject, FactoryCall) or (isinstance(subject, SessionCall) and subject.direct):
        makers = [(module, subject.call)]
    else:
        factory = factory_of(made) if isinstance(subject, SessionCall) else subject.receiver
        origin = origin_of(factory)
        if origin is None:
            return False
        makers = [(origin.module, origin.call), (module, subject.call)]
    return all(_plain_call(holder, call) for holder, call in makers)


def _plain(made: Type) -> bool:
    if not isinstance(made, ProjectInstance):
        return True
    return inherits_constructor(made.cls) and class_attribute(made.cls, "sync_session_class") is UNKNOWN


def _plain_call(module: Module, call: ast.Call) -> bool:
    callee = module.type_of(call.func)
    if isinstance(callee, ProjectClass) and not inherits_constructor(callee):
        return False
    return argument(call, "sync_session_class") is None


def _tables(subject: FactoryCall | SessionCall | MemberCall, *, is_async: bool) -> list[dict[str, frozenset[str]]]:
    session = ASYNC_SESSION_KEYWORDS if is_async else SESSION_KEYWORDS
    if isinstance(subject, FactoryCall):
        return [session, ASYNC_SESSIONMAKER_KEYWORDS if subject.is_async else SESSIONMAKER_KEYWORDS]
    return [session]


def _advice(name: str, meant: list[str], version: str) -> str:
    if meant:
        return f"did you mean '{meant[0]}'?"
    return f"'{name}' is a keyword of the engine" if name in ENGINE_KEYWORDS[version] else "remove it"


def _fix(call: ast.Call, name: str, meant: list[str]) -> Fix | Refusal:
    hidden = any(keyword.arg is None for keyword in call.keywords)
    if not meant or hidden or argument(call, meant[0], 0 if meant[0] == "bind" else None) is not None:
        return Refusal("what the keyword should do here cannot be seen")
    return safe(RenameKeyword(call, name, meant[0]))
