"""
# expire-on-commit-left-on

## What it does
Finds factories of async sessions, and sessions made without one, that do not say `expire_on_commit`. An opinion: off until it is selected.

## Why is this bad?
With the default, a commit expires all objects of the session, and the next read of any column raises `MissingGreenlet: greenlet_spawn has not been
called`. SQLAlchemy's own documentation turns it off in asyncio programs.

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

from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.calls import ASYNC_SESSION, argument
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import FactoryCall, SessionCall


@rule("ASQ901", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="always")
def expire_on_commit_left_on(subject: FactoryCall | SessionCall, module: Module) -> Iterator[Diagnostic]:
    """Report factories that leave expire_on_commit to its default."""
    if isinstance(subject, SessionCall) and not subject.direct:
        return
    made = subject.product if isinstance(subject, FactoryCall) else subject.made
    hidden = any(keyword.arg is None for keyword in subject.call.keywords)
    if is_a(made, ASYNC_SESSION) and not hidden and argument(subject.call, "expire_on_commit") is None:
        yield Diagnostic(
            at=subject.call,
            message="reads after a commit raise MissingGreenlet with these sessions; say expire_on_commit=False",
            fix=partial(
                unsafe,
                "objects keep what they held at the commit",
                AddKeyword(subject.call, "expire_on_commit", Code("False")),
            ),
        )
