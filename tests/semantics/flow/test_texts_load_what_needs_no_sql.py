"""The text of an object behind a relationship reads many-to-ones that the session holds: they stay loaded."""

from __future__ import annotations

import pytest

from flake8_async_sqla.dev.differential.running import Worker
from tests.semantics.flow.test_programs_run import check, worker

__all__ = ["worker"]

MODELS = """
from typing import Optional
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class Shop(Base):
    __tablename__ = "shop"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    letter: Mapped[Optional["Letter"]] = relationship(back_populates="shop")
    author: Mapped[Optional["Author"]] = relationship(back_populates="shop", lazy="immediate")

    def __repr__(self) -> str:
        return f"<Shop {self.author}>"


class Letter(Base):
    __tablename__ = "letter"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    shop_id: Mapped[Optional[int]] = mapped_column(ForeignKey("shop.id"))
    shop: Mapped[Optional["Shop"]] = relationship(back_populates="letter")

    def __repr__(self) -> str:
        return f"<Letter {self.shop}>"


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    shop_id: Mapped[Optional[int]] = mapped_column(ForeignKey("shop.id"))
    shop: Mapped[Optional["Shop"]] = relationship(back_populates="author"TEXT)


engine = create_async_engine("sqlite+aiosqlite:///app.db")
"""
SHOWN = """
        async def main(flag):
            async with factory() as session:
                shop = await session.get_one(Shop, 2, options=[selectinload(Shop.letter)])
                print(shop.letter)
            print(shop.author.shop)
"""
NOT_SHOWN = """
        async def main(flag):
            async with factory() as session:
                shop = await session.get_one(Shop, 2, options=[selectinload(Shop.letter)])
                print(shop.name)
            print(shop.author.shop)  # detached
"""
READING = ")\n\n    def __repr__(self) -> str:\n        return f'<Author {self.shop is None}>'"


def test_the_text_reads_a_many_to_one(worker: Worker) -> None:
    check(SHOWN, MODELS.replace("TEXT)", READING), worker)


@pytest.mark.parametrize("text", [")", READING])
def test_nothing_is_shown(text: str, worker: Worker) -> None:
    check(NOT_SHOWN, MODELS.replace("TEXT)", text), worker)
