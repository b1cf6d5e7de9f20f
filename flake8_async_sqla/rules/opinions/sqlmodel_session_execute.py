"""
# sqlmodel-session-execute

## What it does
Finds `session.execute()` of a `select()` on SQLModel's `AsyncSession`. An opinion: switch it on with
`extend-select = ASQ903`.

## Why is this bad?
SQLModel deprecates `execute()` on its sessions, with a warning at each call: `DeprecationWarning: You probably want to
use session.exec() instead of session.execute()`. `exec()` gives the objects of `select(Hero)` themselves, where
`execute()` gives rows that need `scalars()`.

## Example
    from collections.abc import Sequence

    from sqlmodel import Field, SQLModel, select
    from sqlmodel.ext.asyncio.session import AsyncSession


    class Hero(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)


    async def heroes(session: AsyncSession) -> Sequence[Hero]:
        result = await session.execute(select(Hero))
        return result.scalars().all()

## Use instead
    from collections.abc import Sequence

    from sqlmodel import Field, SQLModel, select
    from sqlmodel.ext.asyncio.session import AsyncSession


    class Hero(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)


    async def heroes(session: AsyncSession) -> Sequence[Hero]:
        result = await session.exec(select(Hero))
        return result.all()

## Fix safety
No fix: what is done with the result changes too.

## References
- [SQLModel: select](https://sqlmodel.tiangolo.com/tutorial/select/)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import MemberCall

_SESSION = "sqlmodel.ext.asyncio.session.AsyncSession"
_SELECTS = frozenset({"sqlalchemy.select", "sqlmodel.select"})
MAX_HOPS = 8


@rule("ASQ903", symptom="DeprecationWarning: You probably want to use session.exec() instead of session.execute()")
def sqlmodel_session_execute(member: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report queries that SQLModel's sessions have a method of their own for."""
    if member.name != "execute" or not is_a(member.receiver, _SESSION):
        return
    if _is_select(module, argument(member.call, "statement", 0), MAX_HOPS):
        yield Diagnostic(
            at=member.call.func,
            message="SQLModel deprecates execute() on its sessions (DeprecationWarning); use exec(), whose results "
            "need no scalars() where one model is selected",
        )


def _is_select(module: Module, node: ast.expr | None, hops: int) -> bool:
    """Tell whether an expression is a ``select()``, with whatever is called on it."""
    if not hops:
        return False
    if isinstance(node, ast.Name):
        scope = module.scope_of(node)
        found = scope.lookup(node.id)
        bindings = reaching(module, found[1], node) if found is not None and found[0] is scope else []
        values = [binding.value for binding in bindings if binding.kind in ("value", "annotation")]
        return bool(values) and all(_is_select(module, value, hops - 1) for value in values)
    if not isinstance(node, ast.Call):
        return False
    if callee(module, node) in _SELECTS:
        return True
    return isinstance(node.func, ast.Attribute) and _is_select(module, node.func.value, hops - 1)
