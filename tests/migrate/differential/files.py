"""What the random programs have in common; the rest is filled in."""

DATABASE = """\
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite://", poolclass=StaticPool)
SessionLocal = sessionmaker(engine{autoflush})


@contextmanager
def session_scope():
    session = SessionLocal()
    try:
        yield session
        session.commit()
    except LookupError:
        session.rollback()
        raise
    finally:
        session.close()
"""
MODELS = """\
from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


labels = Table(
    "labels",
    Base.metadata,
    Column("book_id", ForeignKey("book.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Author(Base):
    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    age: Mapped[int] = mapped_column(Integer)
    books: Mapped[list["Book"]] = relationship(back_populates="author", order_by="Book.id"{cascade})

    @property
    def label(self):
        return f"{{self.name}} ({{self.age}})"


class Book(Base):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    pages: Mapped[int | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")
    tags: Mapped[list["Tag"]] = relationship(secondary=labels, back_populates="books", order_by="Tag.id")


class Tag(Base):
    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str]
    books: Mapped[list[Book]] = relationship(secondary=labels, back_populates="tags", order_by="Book.id")
"""
MAIN = """\
from {package}.crud import *
from {package}.database import SessionLocal, engine, session_scope
from {package}.models import Author, Base, Book, Tag


def fill(db):
    tags = [Tag(id=number, word=word) for number, word in enumerate(("old", "new", "odd"), 1)]
    for number in range(1, 6):
        author = Author(id=number, name="abcde"[number - 1], age={ages}[number - 1])
        db.add(author)
        for other in range(number % 4):
            book = Book(title="xyz"[other], pages=number * other or None, author=author)
            book.tags.extend(tags[: (number + other) % 4])
            db.add(book)
    db.commit()


def plain(value):
    if isinstance(value, Base):
        return [type(value).__name__, value.id]
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value if value is None or isinstance(value, (str, int, bool)) else [plain(part) for part in value]


def main():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    found = []
    with SessionLocal() as db:
        fill(db)
{calls}
    return found
"""
CRUD = """\
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Query, Session, joinedload, selectinload

from {package}.models import Author, Book, Tag


def narrowed(query: Query, age) -> Query:
    return query.filter(Author.age > age)


def page(query, size=2, start=0):
    return query.limit(size).offset(start)
"""
