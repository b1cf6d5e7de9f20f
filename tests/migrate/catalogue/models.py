from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class U(Base):
    __tablename__ = "u"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    age: Mapped[int]
    items: Mapped[list["I"]] = relationship(back_populates="owner", order_by="I.id")


class I(Base):  # noqa: E742
    __tablename__ = "i"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("u.id"))
    owner: Mapped[U] = relationship(back_populates="items")


def data() -> list[Base]:
    people = [
        U(id=number, name=name, age=age) for number, name, age in ((1, "a", 1), (2, "b", 2), (3, "c", 2), (4, "d", 3))
    ]
    things = [
        I(id=number, title=title, owner_id=owner)
        for number, title, owner in ((1, "x", 1), (2, "y", 1), (3, "x", 2), (4, "z", 2), (5, "y", 3))
    ]
    return [*people, *things]
