"""Modules that map classes, in many spellings, for the comparison with SQLAlchemy itself."""

from tests.semantics.mapping.typed_programs import TYPED

CLASSIC = """
from sqlalchemy import (
    Column, Computed, DateTime, FetchedValue, ForeignKey, Identity, Integer, Sequence, String, Table, func, text,
)
from sqlalchemy.orm import backref, column_property, composite, declarative_base, deferred, relationship, synonym
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property

Base = declarative_base()
EAGER = "selectin"
tags = Table(
    "article_tags", Base.metadata,
    Column("article_id", ForeignKey("articles.id")), Column("tag_id", ForeignKey("tags.id")),
)


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __composite_values__(self):
        return self.x, self.y


class Author(Base):
    __tablename__ = "authors"
    __mapper_args__ = {"eager_defaults": True}
    id = Column(Integer, primary_key=True)
    name = Column("full_name", String, default="x", onupdate=str)
    born = Column(DateTime, server_default=func.now(), onupdate=func.now())
    biography = deferred(Column(String))
    notes = deferred(Column(String), group="long")
    other = Column(String, server_default=text("'x'"), server_onupdate=FetchedValue())
    stamp = Column(DateTime, default=func.now())
    double = Column(Integer, Computed("id * 2"))
    x = Column(Integer)
    y = Column(Integer)
    place = composite(Point, x, y)
    alias = synonym("name")
    articles = relationship("Article", back_populates="author", foreign_keys="Article.author_id", lazy=EAGER)
    profile = relationship("Profile", uselist=False, back_populates="author", lazy="joined")
    upper = column_property(func.upper(name))
    titles = association_proxy("articles", "title")
    LIMIT = 3

    @hybrid_property
    def initial(self):
        return self.name[0]

    @initial.expression
    def initial(cls):
        return func.substr(cls.name, 1, 1)

    @hybrid_method
    def named(self, name):
        return self.name == name

    @property
    def label(self):
        return self.name

    def __repr__(self):
        return f"<Author {self.name}>"


class Profile(Base):
    __tablename__ = "profiles"
    id = Column(Integer, primary_key=True)
    author_id = Column(Integer, ForeignKey(Author.id))
    author = relationship(Author, back_populates="profile", lazy=True)


class Article(Base):
    __tablename__ = "articles"
    id = Column(Integer, Identity(), primary_key=True)
    title = Column(String)
    author_id = Column(ForeignKey("authors.id"))
    editor_id = Column(ForeignKey("authors.id"))
    author = relationship("Author", back_populates="articles", foreign_keys=[author_id], lazy=False)
    editor = relationship(lambda: Author, foreign_keys="Article.editor_id", lazy="raise")
    tags = relationship("Tag", secondary=tags, backref=backref("articles", lazy="subquery"), lazy="immediate")
    comments = relationship("Comment", backref="article", lazy="dynamic")


Author.edited = relationship(Article, foreign_keys=[Article.editor_id], viewonly=True, lazy="raise_on_sql")


class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, Sequence("tag_ids"), primary_key=True)
    parent_id = Column(Integer, ForeignKey("tags.id"))
    parent = relationship("Tag", remote_side=[id], backref="children")


class Comment(Base):
    __tablename__ = "comments"
    id = Column(Integer, primary_key=True)
    article_id = Column(Integer, ForeignKey("articles.id"))
"""

NODE = """
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import registry, relationship

mapper_registry = registry()
Base = mapper_registry.generate_base()


class Node(Base):
    __tablename__ = "nodes"
    id = Column(Integer, primary_key=True)
    parent_id = Column(ForeignKey("nodes.id"))
    children = relationship("Node", lazy="selectin", join_depth=2)


@mapper_registry.mapped
class Leaf:
    __tablename__ = "leaves"
    id = Column(Integer, primary_key=True)
    node_id = Column(ForeignKey("nodes.id"))
    node = relationship(Node, backref="leaves")
    name: str = Column(String)
"""

INHERITANCE = """
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import as_declarative, declared_attr, relationship


@as_declarative()
class Base:
    id = Column(Integer, primary_key=True)

    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()


class Owned:
    @declared_attr
    def owner_id(cls):
        return Column(Integer, ForeignKey("owner.id"))

    @declared_attr
    def owner(cls):
        return relationship("Owner", lazy="selectin")


class Owner(Base):
    name = Column(String)


class Abstract(Base):
    __abstract__ = True
    remark = Column(String, server_default="x")


class Device(Owned, Abstract):
    __tablename__ = "devices"
    kind = Column(String)
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "device"}


class Camera(Device):
    __tablename__ = "cameras"
    id = Column(ForeignKey("devices.id"), primary_key=True)
    lens = Column(String)
    __mapper_args__ = {"polymorphic_identity": "camera", "polymorphic_load": "selectin"}


class Phone(Device):
    __tablename__ = None
    number = Column(String)
    __mapper_args__ = dict(polymorphic_identity="phone")


class Animal(Base):
    __tablename__ = "animals"
    kind = Column(String)
    __mapper_args__ = {"polymorphic_on": "kind", "with_polymorphic": "*"}


class Dog(Animal):
    __tablename__ = None
    bark = Column(String)
    __mapper_args__ = {"polymorphic_identity": "dog"}


class Cat(Animal):
    __tablename__ = "cats"
    id = Column(Integer, primary_key=True)
    kind = Column(String)
    __mapper_args__ = {"concrete": True, "polymorphic_identity": "cat"}
"""

TABLES = """
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, func
from sqlalchemy.orm import column_property, deferred, registry, relationship, synonym

mapper_registry = registry()
Base = mapper_registry.generate_base()
metadata = mapper_registry.metadata
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String, key="label"))
notes = Table(
    "notes", metadata, Column("id", Integer, primary_key=True), Column("text", String),
    Column("user_id", ForeignKey("users.id")),
)


class User:
    def hello(self):
        return self.label


class Note:
    pass


mapper_registry.map_imperatively(Note, notes, properties={"text": deferred(notes.c.text)})
mapper_registry.map_imperatively(
    User,
    users,
    properties={"notes": relationship(Note, lazy="selectin", backref="user"), "alias": synonym("label")},
)


class Page(Base):
    __table__ = Table(
        "pages", Base.metadata, Column("id", Integer, primary_key=True), Column("body", String, server_default="x"),
        Column("note_id", ForeignKey(notes.c.id)),
    )
"""

SQLMODEL = """
import datetime
from typing import ClassVar, List, Optional

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlmodel import Column, Field, Relationship, SQLModel


class HeroBase(SQLModel):
    name: str = Field(index=True)
    age: Optional[int] = Field(default=None)


class Link(SQLModel, table=True):
    hero_id: int | None = Field(default=None, foreign_key="hero.id", primary_key=True)
    power_id: int | None = Field(default=None, foreign_key="power.id", primary_key=True)


class Hero(HeroBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    secret: str
    count: ClassVar[int] = 0
    born: datetime.datetime = Field(sa_column=Column(sa.DateTime, server_default=sa.func.now()))
    seen: datetime.datetime | None = Field(
        default=None, sa_column_kwargs={"onupdate": sa.func.now(), "server_default": "x"}
    )
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Optional["Team"] = Relationship(back_populates="heroes", sa_relationship_kwargs={"lazy": "selectin"})
    powers: List["Power"] = Relationship(link_model=Link)


class HeroRead(HeroBase):
    id: int


class Team(SQLModel, AsyncAttrs, table=True):
    __tablename__ = "team"
    id: int | None = Field(default=None, primary_key=True)
    heroes: list["Hero"] = Relationship(back_populates="team", sa_relationship_kwargs=dict(lazy="raise"))


class Power(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    label: str = Field(sa_column=sa.Column(sa.String, nullable=False))
"""

PROGRAMS = {
    "classic": CLASSIC,
    "registry": NODE,
    "inheritance": INHERITANCE,
    "tables": TABLES,
    "typed": TYPED,
    "sqlmodel": SQLMODEL,
}
NEEDS_2 = frozenset({"typed", "sqlmodel"})
