"""
# dynamic-relationship

## What it does
Finds relationships with `lazy="dynamic"` (`DynamicMapped`) whose collection a coroutine queries or iterates:
`account.payments.filter(...).all()`, `for payment in account.payments`. The declaration is reported where it is in the
same file, else the query. `append()`, `add()` and `remove()` are fine.

## Why is this bad?
A dynamic collection is a `Query` of the synchronous session: it runs when it is read, outside of any `await`:
`MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here. Was IO attempted in an unexpected
place?`

## Example
    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, DynamicMapped, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Account(Base):
        __tablename__ = "accounts"
        id: Mapped[int] = mapped_column(primary_key=True)
        payments: DynamicMapped["Payment"] = relationship()


    class Payment(Base):
        __tablename__ = "payments"
        id: Mapped[int] = mapped_column(primary_key=True)
        account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
        cents: Mapped[int]


    async def big_payments(session: AsyncSession, account_id: int) -> list[int]:
        account = await session.get_one(Account, account_id)
        return [payment.cents for payment in account.payments.filter(Payment.cents > 100).all()]

## Use instead
    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, WriteOnlyMapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Account(Base):
        __tablename__ = "accounts"
        id: Mapped[int] = mapped_column(primary_key=True)
        payments: WriteOnlyMapped["Payment"] = relationship()


    class Payment(Base):
        __tablename__ = "payments"
        id: Mapped[int] = mapped_column(primary_key=True)
        account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
        cents: Mapped[int]


    async def big_payments(session: AsyncSession, account_id: int) -> list[int]:
        account = await session.get_one(Account, account_id)
        payments = await session.scalars(account.payments.select().where(Payment.cents > 100))
        return [payment.cents for payment in payments]

## Fix safety
There is no fix: every use of the collection changes with it.

## References
- [SQLAlchemy: write only relationships](https://docs.sqlalchemy.org/en/20/orm/large_collections.html#write-only-relationship)
- [sqlalchemy/sqlalchemy#5912](https://github.com/sqlalchemy/sqlalchemy/issues/5912)
- [sqlalchemy/sqlalchemy#7082](https://github.com/sqlalchemy/sqlalchemy/issues/7082)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.implicit_io.loading import failing
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.module import Module


@rule("ASQ508", symptom="MissingGreenlet: greenlet_spawn has not been called")
def dynamic_relationship(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report dynamic collections that a coroutine queries, once where they are declared."""
    reported: set[ast.AST] = set()
    for failure in failing(module, "dynamic"):
        at = _declaration(module, failure)
        if at not in reported:
            reported.add(at)
            place = f" in line {failure.at.lineno}" if at is not failure.at else ""
            yield Diagnostic(
                at=at,
                message=f"'{failure.cls.node.name}.{failure.attribute}' is dynamic: querying it{place} needs the "
                "database outside of an await (MissingGreenlet); make it WriteOnlyMapped and await "
                f"session.scalars({failure.attribute}.select())",
            )


def _declaration(module: Module, failure: Failure) -> ast.expr | ast.stmt:
    """Return where the relationship is declared, or its use if that is in another file."""
    cause = failure.cause
    declared = cause is not None and cause.module == module and isinstance(cause.node, (ast.expr, ast.stmt))
    return cause.node if declared else failure.at  # type: ignore[union-attr, return-value]
