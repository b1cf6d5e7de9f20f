"""Modules that map classes by annotations, in many spellings."""

TYPED = """
from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Any, ClassVar, Dict, List, Optional, Set

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase, DynamicMapped, Mapped, MappedAsDataclass, WriteOnlyMapped, attribute_keyed_dict, declared_attr,
    mapped_column as col, query_expression, relationship,
)

Key = Annotated[int, col(primary_key=True)]
Stamp = Annotated[datetime.datetime, col(server_default=sa.func.now())]
OwnerKey = Annotated[int, col(sa.ForeignKey("users.id"))]


class Base(AsyncAttrs, DeclarativeBase):
    __mapper_args__ = {"eager_defaults": False}


class Stamped:
    created_at: Mapped[Stamp]
    updated_at: Mapped[datetime.datetime] = col(server_default=sa.func.now(), server_onupdate=sa.FetchedValue())
    deleted_at: Mapped[Optional[datetime.datetime]] = col(default=None, deferred=True)

    @declared_attr
    def maker_id(cls) -> Mapped[Optional[int]]:
        return col(sa.ForeignKey("users.id"))

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        return {}

    @declared_attr
    def maker(cls) -> Mapped[Optional["User"]]:
        return relationship("User", foreign_keys=[cls.maker_id], lazy="raise")


class User(Base):
    __tablename__ = "users"
    id: Mapped[Key]
    token: Mapped[uuid.UUID] = col(default=uuid.uuid4)
    name: Mapped[str]
    nick: Mapped["str | None"] = col(deferred_group="names")
    age: Mapped[int | None] = orm.mapped_column(deferred=True, deferred_raiseload=True)
    sealed: Mapped[str] = orm.deferred(col(), raiseload=True, group="g")
    cache: ClassVar[dict[str, int]] = {}
    orders: Mapped[List["Order"]] = relationship(back_populates="user", foreign_keys="Order.user_id")
    by_note: Mapped[Dict[str, "Order"]] = relationship(
        collection_class=attribute_keyed_dict("note"), viewonly=True, foreign_keys="Order.user_id"
    )
    made: Mapped[Set[Order]] = relationship(foreign_keys="[Order.maker_id]", lazy="subquery", viewonly=True)
    logs: WriteOnlyMapped["Log"] = relationship(back_populates="user")
    events: DynamicMapped[Event] = relationship()
    setting: Mapped["Optional[Setting]"] = relationship(back_populates="user", lazy="joined")
    notes: AssociationProxy[list[str]] = association_proxy("orders", "note")
    total: Mapped[Optional[int]] = query_expression()

    @hybrid_property
    def short(self) -> str:
        return self.name[:1]

    @short.inplace.expression
    @classmethod
    def _short(cls) -> sa.ColumnElement[str]:
        return sa.func.substr(cls.name, 1, 1)


class Order(Stamped, Base):
    __tablename__ = "orders"
    id: Mapped[int] = col(sa.Identity(always=True), primary_key=True)
    note: Mapped[str]
    user_id: Mapped[OwnerKey]
    user: Mapped[User] = relationship(back_populates="orders", lazy="selectin", foreign_keys="Order.user_id")
    double: Mapped[int] = col(sa.Computed("id * 2"))
    seen: Mapped[int] = col(default=sa.text("1"), onupdate=sa.text("2"))


class Log(Base):
    __tablename__ = "logs"
    id: Mapped[Key]
    user_id: Mapped[int] = col(sa.ForeignKey(User.id))
    user: Mapped["User"] = relationship(back_populates="logs")


class Event(Base):
    __tablename__ = "events"
    id: Mapped[Key]
    user_id: Mapped[int] = col(sa.ForeignKey("users.id"))


class Setting(Base):
    __tablename__ = "settings"
    id: Mapped[Key]
    user_id: Mapped[int] = col(sa.ForeignKey("users.id"))
    user: Mapped["User"] = relationship(back_populates="setting", single_parent=True)


class Data(MappedAsDataclass, DeclarativeBase):
    pass


class Item(Data):
    __tablename__ = "items"
    id: Mapped[int] = col(init=False, primary_key=True)
    name: Mapped[str] = col(insert_default=sa.func.lower("X"), init=False)
"""
