"""The models that the programs of the flow tests use."""

from __future__ import annotations

MODELS = """
import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Optional
from sqlalchemy import ForeignKey, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, load_only, mapped_column, relationship, selectinload

engine = create_async_engine("sqlite+aiosqlite:///app.db")
factory = async_sessionmaker(engine)
keeping = async_sessionmaker(engine, expire_on_commit=False)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    bio: Mapped[Optional[str]] = mapped_column(deferred=True)
    updated: Mapped[Optional[int]] = mapped_column(onupdate=func.random())
    books: Mapped[list["Book"]] = relationship(back_populates="author")
    tags: Mapped[list["Tag"]] = relationship(lazy="selectin")


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[Optional[int]] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Optional[Author]] = relationship(back_populates="books")


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


"""
