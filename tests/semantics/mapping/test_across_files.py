"""Relationships, bases and backrefs that lead from file to file."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.semantics.mapping.classes import mapped_class
from flake8_async_sqla.semantics.types import ProjectClass
from tests.semantics.revealing import load

BASE = """
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(AsyncAttrs, DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)
"""
BOOK = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from .base import Base
{imports}

class Book(Base):
    __tablename__ = "books"
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author{annotation} = {value}
"""
AUTHOR = """
from sqlalchemy import Column, String
from .base import Base


class Author(Base):
    __tablename__ = "authors"
    name = Column(String)
"""
# By name: further imports, annotation and value of `Book.author`.
SPELLINGS = {
    "imported": ("from .author import Author", ": Mapped[Author]", "relationship()"),
    "as another name": ("from .author import Author as Writer", ": Mapped[Writer]", "relationship(lazy='select')"),
    "of a module": ("from . import author as models", "", "relationship(models.Author)"),
    "type checking": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .author import Author", ": Mapped['Author']",
        "relationship()",
    ),
    "quoted as a whole": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .author import Author",
        ": 'Mapped[Author | None]'", "relationship()",
    ),
    "by name alone": ("", "", "relationship('Author')"),
    "by path": ("", "", "relationship('models.author.Author')"),
    "annotated by name alone": ("from typing import Optional", ": Mapped[Optional['Author']]", "relationship()"),
    "lambda": ("from .author import Author", "", "relationship(lambda: Author)"),
    "argument": ("from .author import Author", "", "relationship(argument=Author)"),
    "constant": ("AUTHOR = 'Author'", "", "relationship(AUTHOR)"),
    "through the package": ("from models import Author", "", "relationship(Author)"),
}  # fmt: skip


def project(folder: Path, imports: str, annotation: str, value: str) -> tuple[ProjectClass, ProjectClass]:
    """Write a package of models; return its classes."""
    book = BOOK.format(imports=imports, annotation=annotation, value=value)
    files = {
        "models/__init__.py": "from .author import Author\nfrom .book import Book\n", "models/base.py": BASE,
        "models/author.py": AUTHOR, "models/book.py": book, "app.py": "from models import Author, Book\n",
    }  # fmt: skip
    module = load(folder, files)
    found = [module.project.load(str(folder / "models" / f"{name}.py")) for name in ("author", "book")]
    classes = []
    for name, holder in zip(("Author", "Book"), found, strict=True):
        assert holder is not None
        classes.append(ProjectClass(holder, (holder.index.find(name) or [])[0].node))  # type: ignore[arg-type]
    return classes[0], classes[1]


@pytest.mark.parametrize("name", SPELLINGS)
def test_relationships_find_their_target_in_another_file(name: str, tmp_path: Path) -> None:
    author, book = project(tmp_path, *SPELLINGS[name])
    mapped = mapped_class(book)
    assert mapped is not None
    found = mapped.attributes["author"]
    assert (found.kind, found.target, found.uselist, found.many_to_one) == ("relationship", author, False, True)
    assert (mapped.async_attrs, mapped.complete) == (True, True)
    assert mapped.attributes["id"].primary_key


def test_a_name_that_two_files_declare_is_nobody(tmp_path: Path) -> None:
    _, book = project(tmp_path, "", "", "relationship('Author')")
    (tmp_path / "models" / "other.py").write_text("class Author: pass\n")
    mapped = mapped_class(book)
    assert mapped is not None
    assert mapped.attributes["author"].target is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("relationship('Author', backref='books')", ("select", True)),
        ("relationship('Author', backref=backref('books', lazy='selectin'))", ("selectin", True)),
        ("relationship('Author', backref=backref('books', uselist=False))", ("select", False)),
    ],
)
def test_backrefs_reach_the_class_in_the_other_file(value: str, expected: tuple[str, bool], tmp_path: Path) -> None:
    author, book = project(tmp_path, "from sqlalchemy.orm import backref", "", value)
    mapped = mapped_class(author)
    assert mapped is not None
    found = mapped.attributes["books"]
    assert (found.kind, found.target, found.back) == ("relationship", book, "author")
    assert (found.lazy, found.uselist) == expected


NOT_MAPPED = {
    "plain": "class A: pass",
    "mixin": "class A:\n    x: Mapped[int] = mapped_column()",
    "abstract": "class A(Base):\n    __abstract__ = True",
    "base": "class A(DeclarativeBase): pass",
    "sqlmodel without a table": "class A(SQLModel):\n    x: int",
    "of another library": "class A(Model):\n    x = Column(1)",
    "same names": "from mine import Column\nclass A(Unseen):\n    __tablename__ = 'a'\n    x = Column(1)",
}
HEAD = """
from pydantic import BaseModel as Model
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlmodel import SQLModel
from elsewhere import Column, Unseen
class Base(DeclarativeBase): pass
"""
UNSURE = {
    "unseen base": ("class A(Unseen):\n    __tablename__ = 'a'\n    x: Mapped[int] = mapped_column()", {"x": "column"}),
    "unseen mixin": ("class A(Unseen, Base):\n    __tablename__ = 'a'\n    x: Mapped[int]", {"x": "column"}),
    "unseen column": ("class A(Base):\n    __tablename__ = 'a'\n    x = Column(1)\n    y = 1", {"y": "plain"}),
}


@pytest.mark.parametrize("name", NOT_MAPPED)
def test_other_classes_are_not_mapped(name: str, tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": HEAD + NOT_MAPPED[name]})
    assert mapped_class(ProjectClass(module, (module.index.find("A") or [])[0].node)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("name", UNSURE)
def test_what_cannot_be_seen_makes_a_class_incomplete(name: str, tmp_path: Path) -> None:
    source, expected = UNSURE[name]
    module = load(tmp_path, {"app.py": HEAD + source})
    mapped = mapped_class(ProjectClass(module, (module.index.find("A") or [])[0].node))  # type: ignore[arg-type]
    assert mapped is not None
    assert not mapped.complete
    assert {name: found.kind for name, found in mapped.attributes.items()} == expected
    assert mapped.async_attrs in (None, False)


ADVANCED = """
from advanced_alchemy.base import UUIDAuditBase
from litestar.plugins.sqlalchemy import base as plugin
from fastapi_users.db import SQLAlchemyBaseUserTableUUID
from sqlalchemy.orm import DeclarativeBase, Mapped

class Base(DeclarativeBase): pass
class A(UUIDAuditBase):
    name: Mapped[str]
class B(plugin.BigIntBase):
    name: Mapped[str]
class C(SQLAlchemyBaseUserTableUUID, Base): pass
"""


def test_bases_of_other_libraries_bring_their_columns(tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": ADVANCED})
    found = {}
    for name in "ABC":
        mapped = mapped_class(ProjectClass(module, (module.index.find(name) or [])[0].node))  # type: ignore[arg-type]
        assert mapped is not None
        found[name] = (mapped.async_attrs, mapped.complete, set(mapped.attributes))
    assert found == {
        "A": (True, True, {"name", "id", "_sentinel", "created_at", "updated_at"}),
        "B": (True, True, {"name", "id"}),
        "C": (False, True, {"id", "email", "hashed_password", "is_active", "is_superuser", "is_verified"}),
    }
