"""
# expire-on-commit-left-on

## What it does
Finds factories of async sessions, and sessions made without one, that do not say `expire_on_commit`. An opinion: off
until it is selected.

## Why is this bad?
With the default, a commit expires all objects of the session, and the next read of any column raises
`MissingGreenlet: greenlet_spawn has not been called`. SQLAlchemy's own documentation turns it off in asyncio
programs.

## Example
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)

## Use instead
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)

## Fix safety
Unsafe: objects keep what they held at the commit, even where another transaction has changed it since.

## References
- [SQLAlchemy: preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import hidden_arguments, uses
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, argument
from flake8_async_sqla.semantics.inference.classes import class_attribute, inherits_constructor, is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import FactoryCall, SessionCall
from flake8_async_sqla.semantics.types import UNKNOWN, ProjectClass, ProjectInstance, Type

_SAYING = ("expire_on_commit", "sync_session_class")


@rule("ASQ901", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="always")
def expire_on_commit_left_on(subject: FactoryCall | SessionCall, module: Module) -> Iterator[Diagnostic]:
    """Report factories that leave expire_on_commit to its default."""
    if isinstance(subject, SessionCall) and not subject.direct:
        return
    call = subject.call
    made = subject.product if isinstance(subject, FactoryCall) else subject.made
    said = hidden_arguments(call) or any(argument(call, name) is not None for name in _SAYING)
    if said or not is_a(made, ASYNC_SESSION):
        return
    if _plain(made) and _plain(module.type_of(call.func)) and not _said_later(module, call):
        yield Diagnostic(
            at=call,
            message="reads after a commit raise MissingGreenlet with these sessions; say expire_on_commit=False",
            fix=partial(
                unsafe,
                "objects keep what they held at the commit",
                AddKeyword(call, "expire_on_commit", Code("False")),
            ),
        )


def _plain(kind: Type) -> bool:
    """Tell whether no class of the project decides."""
    cls = kind.cls if isinstance(kind, ProjectInstance) else kind
    if not isinstance(cls, ProjectClass):
        return True
    return inherits_constructor(cls) and class_attribute(cls, "sync_session_class") is UNKNOWN


def _said_later(module: Module, call: ast.Call) -> bool:
    """Tell whether the factory is told by ``configure()``, or where it makes sessions."""
    for use in uses(module, call):
        parent = module.parent(use)
        outer = module.parent(parent) if isinstance(parent, ast.Attribute) else parent
        if isinstance(outer, ast.Call) and argument(outer, "expire_on_commit") is not None:
            return True
    return False
