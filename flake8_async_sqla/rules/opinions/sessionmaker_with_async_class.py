"""
# sessionmaker-with-async-class

## What it does
Finds `sessionmaker(..., class_=AsyncSession)`, the way of SQLAlchemy 1.4. An opinion: off until it is selected, and
silent where 1.4 is a target.

## Why is this bad?
It works, but its types do not: type checkers refuse the call (`error: No overload variant of "sessionmaker" matches
argument types`) and take its sessions for something else. `async_sessionmaker` exists since SQLAlchemy 2.0 for this.

## Example
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.orm import sessionmaker

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)

## Use instead
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)

## Fix safety
Safe: `async_sessionmaker` takes the same arguments and makes the same sessions.

## Options
- `--async-sqla-target`: the rule is silent where 1.4 is among the targets.

## References
- [SQLAlchemy: async_sessionmaker](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.async_sessionmaker)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, ReplaceName, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import called_name, declared_as
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, ASYNC_SESSIONMAKER, SESSIONMAKER, argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import FactoryCall
from flake8_async_sqla.semantics.types import External


@rule("ASQ902", symptom='No overload variant of "sessionmaker" matches argument types', fixable="always")
def sessionmaker_with_async_class(factory: FactoryCall, module: Module) -> Iterator[Diagnostic]:
    """Report sync factories of async sessions."""
    call = factory.call
    if factory.is_async or "1.4" in module.project.settings.targets or not is_a(factory.product, ASYNC_SESSION):
        return
    if module.type_of(call.func) == External(SESSIONMAKER) and argument(call, "class_") is not None:
        yield Diagnostic(
            at=call,
            message="type checkers refuse sessionmaker(class_=AsyncSession) or its sessions; use async_sessionmaker()",
            fix=partial(_fix, module, call),
        )


def _fix(module: Module, call: ast.Call) -> Fix:
    annotations = [ReplaceName(name, ASYNC_SESSIONMAKER) for name in declared_as(module, call, SESSIONMAKER)]
    return safe(ReplaceName(called_name(call), ASYNC_SESSIONMAKER), *annotations)
