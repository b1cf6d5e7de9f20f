"""
# begin-in-repository-method

## What it does
Finds methods that begin a transaction on a session that somebody else made and gave them. An opinion: off until it is
selected. ASQ703 reports the calls of such methods that certainly fail.

## Why is this bad?
The first query of a session begins its transaction. A method that begins one itself works only for callers that have
not used the session yet: for all others it ends with `InvalidRequestError: A transaction is already begun on this
Session.`, and two such methods cannot be part of one transaction. Who makes the session can say when its transaction
begins and ends.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    class Accounts:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def count(self) -> int | None:
            return await self.session.scalar(text("SELECT 1"))

        async def audit(self) -> None:
            async with self.session.begin():
                await self.session.execute(text("SELECT 2"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    class Accounts:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def count(self) -> int | None:
            return await self.session.scalar(text("SELECT 1"))

        async def audit(self) -> None:
            async with self.session.begin_nested():
                await self.session.execute(text("SELECT 2"))

## Fix safety
There is no fix: who commits what the method did has to be decided with it.

## References
- [SQLAlchemy: when do I construct a Session, when do I commit it?](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#session-faq-whentocreate)
- [SQLAlchemy: explicit begin](https://docs.sqlalchemy.org/en/20/orm/session_transaction.html#explicit-begin)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.constructions import unfolded
from flake8_async_sqla.semantics.objects.identities import key_of
from flake8_async_sqla.semantics.objects.identity import Variable, described
from flake8_async_sqla.semantics.subjects import MemberCall
from flake8_async_sqla.semantics.types import FunctionNode, ProjectClass

# A class with one of these owns the transaction of the session that it is given.
_OWNS = frozenset({"__aenter__", "__aexit__", "commit", "rollback"})
_ASKS = frozenset({"in_transaction", "in_nested_transaction", "get_transaction"})


@rule("ASQ906", symptom="A transaction is already begun on this Session")
def begin_in_repository_method(member: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report transactions that a method begins on a session which is not its own."""
    if member.name != "begin" or not is_a(member.receiver, ASYNC_SESSION):
        return
    method = module.function(member.call)
    session = member.call.func.value if isinstance(member.call.func, ast.Attribute) else None
    key = key_of(module, session)
    if method is None or key is None or not _is_repository(module, method) or _asks(module, method):
        return
    origin = unfolded(key)
    if isinstance(origin, Variable) and origin.parameter is not None:
        yield Diagnostic(
            at=member.call,
            message=f"'{described(key)}' is somebody else's: if it was used before, its transaction has begun "
            "(InvalidRequestError); leave begin() to who makes the session, or use begin_nested()",
        )


def _is_repository(module: Module, method: FunctionNode) -> bool:
    """Tell whether a function is a method of a class that does not manage transactions."""
    owner = module.parent(method)
    if not isinstance(owner, ast.ClassDef):
        return False
    classes = [item for item in lineage(ProjectClass(module, owner)) if isinstance(item, ProjectClass)]
    return not any(_OWNS & scope_of_class(item).names.keys() for item in classes)


def _asks(module: Module, method: FunctionNode) -> bool:
    """Tell whether a method asks first whether a transaction has begun."""
    return any(isinstance(node, ast.Attribute) and node.attr in _ASKS for node in ast.walk(method))
