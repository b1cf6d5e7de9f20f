"""
# subclass-column-read

## What it does
Finds reads of a column of a subclass (behind `isinstance()`) on objects that were queried through the base class.

## Why is this bad?
`select(Device)` loads the columns of `Device`; those that `Camera` adds, in a table of its own or not, are loaded when
they are read, which cannot happen outside of an `await`: `MissingGreenlet: greenlet_spawn has not been called; can't
call await_only() here. Was IO attempted in an unexpected place?` (2.1 wraps it in a `StatementError` with some
drivers).

## Example
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class Device(Base):
        __tablename__ = "devices"
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str]
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "device"}


    class Camera(Device):
        __tablename__ = "cameras"
        id: Mapped[int] = mapped_column(ForeignKey("devices.id"), primary_key=True)
        lens: Mapped[str]
        __mapper_args__ = {"polymorphic_identity": "camera"}


    async def lenses(session: AsyncSession) -> list[str]:
        devices = await session.scalars(select(Device))
        return [device.lens for device in devices if isinstance(device, Camera)]

## Use instead
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, selectin_polymorphic


    class Base(DeclarativeBase):
        pass


    class Device(Base):
        __tablename__ = "devices"
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str]
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "device"}


    class Camera(Device):
        __tablename__ = "cameras"
        id: Mapped[int] = mapped_column(ForeignKey("devices.id"), primary_key=True)
        lens: Mapped[str]
        __mapper_args__ = {"polymorphic_identity": "camera"}


    async def lenses(session: AsyncSession) -> list[str]:
        devices = await session.scalars(select(Device).options(selectin_polymorphic(Device, [Camera])))
        return [device.lens for device in devices if isinstance(device, Camera)]

Where only cameras are wanted, `select(Camera)` is simpler. `__mapper_args__ = {"polymorphic_load": "selectin"}` in the
subclass lets every query load its columns.

## Fix safety
Unsafe: the query loads more than before, for all who use it. The fix adds `selectin_polymorphic()` where the query is
in the same file.

## References
- [SQLAlchemy: using selectin_polymorphic()](https://docs.sqlalchemy.org/en/20/orm/queryguide/inheritance.html#using-selectin-polymorphic)
- [fastapi/sqlmodel#1226](https://github.com/fastapi/sqlmodel/discussions/1226)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Edit, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.implicit_io.loading import (
    COST,
    cause,
    entity,
    failing,
    given,
    name_of,
    options,
    source_of,
    subject,
)
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module

_OPTION = "sqlalchemy.orm.selectin_polymorphic"


@rule("ASQ511", symptom="MissingGreenlet: greenlet_spawn has not been called", fixable="sometimes")
def subclass_column_read(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report reads of columns that a query for the base class does not load."""
    for failure in failing(module, "polymorphic"):
        yield Diagnostic(
            at=failure.at,
            message=f"{subject(module, failure)} is a column of the subclass, not loaded by {cause(module, failure)}: "
            "reading it needs the database outside of an await (MissingGreenlet); select the subclass, or add "
            ".options(selectin_polymorphic())",
            fix=partial(_load, module, failure),
        )


def _load(module: Module, failure: Failure) -> Fix | Refusal:
    if source_of(failure) != module:
        return Refusal("the query is in another file")
    selected = entity(failure)
    base = name_of(module, selected.cls) if selected is not None else None
    subclass = name_of(module, failure.cls)
    if len(failure.path) > 1 or base is None or subclass is None:
        return Refusal("the query loads the object behind a relationship, or the classes are not imported there")
    if failure.query is not None and (longer := _lengthened(module, failure.query.call, subclass)) is not None:
        return unsafe(COST, longer)
    edit = given(failure, f"{{loader}}({base}, [{subclass}])", {"loader": _OPTION})
    return edit if isinstance(edit, Refusal) else unsafe(COST, edit)


def _lengthened(module: Module, call: ast.Call, subclass: str) -> Edit | None:
    """Name one more subclass in the ``selectin_polymorphic()`` that the query has already."""
    for option in options(module, call):
        if callee(module, option) == _OPTION and len(option.args) == 2 and isinstance(option.args[1], ast.List):
            nodes = {f"item{number}": item for number, item in enumerate(option.args[1].elts)}
            listed = ", ".join([*(f"{{{name}}}" for name in nodes), subclass])
            return ReplaceExpression(option.args[1], Code(f"[{listed}]", nodes))
    return None
