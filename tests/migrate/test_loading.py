"""Which relationships are loaded with their objects, for whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import migrated

MODELS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    region: Mapped["Region"] = relationship(back_populates="user")

    @property
    def label(self) -> str:
        return self.email


class Region(Base):
    __tablename__ = "region"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    user: Mapped[User] = relationship(back_populates="region")
"""
SCHEMAS = """\
from datetime import datetime
from typing import Optional, Union

from pydantic import BaseModel, Field, field_validator, model_validator


class RegionOut(BaseModel):
    id: int


"""


def _loaded(root: Path, schema: str, more: str = "") -> list[str]:
    done = migrated(root, {"models.py": MODELS + more, "schemas.py": SCHEMAS + schema}, ("loading",))
    return [remark.text.partition(" is ")[0] for remark in done.plan.loading]


@pytest.mark.parametrize(
    "fields",
    [
        "    region: RegionOut\n    email: str\n",
        "    region: RegionOut | None\n    label: str\n",
        "    region: Optional[RegionOut]\n    age: Optional[int]\n",
        "    region: RegionOut\n    age: int = 3\n    size: int = Field(default=3)\n",
        "    region: RegionOut\n    mail: str = Field(..., alias='email')\n",
        "    region: RegionOut\n    age: int\n\n    @model_validator(mode='before')\n    def add(cls, v):\n"
        "        return v\n",
        "    region: str\n\n    @field_validator('region', mode='before')\n    def add(cls, v):\n"
        "        return str(v.id)\n",
    ],
)
def test_schema_that_an_object_fills(tmp_path: Path, fields: str) -> None:
    assert _loaded(tmp_path, f"class UserOut(BaseModel):\n{fields}") == ["User.region"]


@pytest.mark.parametrize(
    "fields",
    [
        "    region: str\n",
        "    region: Optional[str] = None\n    email: str\n",
        "    region: Union[int, datetime]\n",
        "    region: RegionOut\n    token: str\n",
        "    region: RegionOut\n    token: str = Field(..., min_length=3)\n",
        "    region: RegionOut\n    token: str = Field(min_length=3)\n",
    ],
)
def test_schema_that_no_object_fills(tmp_path: Path, fields: str) -> None:
    assert _loaded(tmp_path, f"class UserOut(BaseModel):\n{fields}") == []


def test_schema_that_a_subclass_or_something_unseen_fills(tmp_path: Path) -> None:
    schema = "class AdminOut(BaseModel):\n    region: RegionOut\n    rights: str\n"
    admin = "\n\nclass Admin(User):\n    rights: Mapped[str]\n"
    assert _loaded(tmp_path / "a", schema, admin) == ["User.region"]
    unseen = "\n\nfrom elsewhere import Rights\n\n\nclass Admin(Rights, User):\n    pass\n"
    assert _loaded(tmp_path / "b", schema, unseen) == ["User.region"]
    assert _loaded(tmp_path / "c", schema) == []


ROUTES = """\
from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from models import User
from sqlalchemy.orm import Session

router = APIRouter()


def read(db: Session, pk: int):
    return db.get(User, pk).region


@router.get("/plain")
def plain(db: Session):
    user = db.get(User, 1)
    return user


@router.get("/model", response_model=int)
def model(db: Session):
    user = db.get(User, 1)
    return user


@router.get("/encoded")
def encoded(db: Session):
    user = db.get(User, 1)
    return {"user": jsonable_encoder(user)}
"""


def test_answers_that_hold_what_is_loaded_are_noted(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"models.py": MODELS, "routes.py": ROUTES}, ("loading",))
    assert [(note.line, note.text) for note in done.plan.notes] == [
        (16, "this answer holds what the object has loaded: now also its region"),
        (28, "this answer holds what the object has loaded: now also its region"),
    ]


def test_relationships_that_lead_back_are_noted(tmp_path: Path) -> None:
    more = "\n\ndef both(user: User, region: Region):\n    return user.region, region.user\n"
    done = migrated(tmp_path, {"models.py": MODELS + more}, ("loading",))
    assert len(done.plan.loading) == 2
    assert [note.text for note in done.plan.notes] == [
        "User objects that came along as Region.user have no region loaded, and get() gives them as they are: "
        "refresh(..., ['region']) where that is read",
        "Region objects that came along as User.region have no user loaded, and get() gives them as they are: "
        "refresh(..., ['user']) where that is read",
    ]


POSTS = """\
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import backref, declarative_base, relationship

Base = declarative_base()


class Tag(Base):
    __tablename__ = "tag"
    id = Column(Integer, primary_key=True)


class Post(Base):
    __tablename__ = "post"
    id = Column(Integer, primary_key=True)
    tag_id = Column(ForeignKey("tag.id"))
    tag = relationship(Tag, backref={back})


def read(tag: Tag):
    return tag.posts
"""


@pytest.mark.parametrize(
    ("back", "after"),
    [
        ('"posts"', 'backref("posts", lazy="selectin")'),
        ('backref("posts", order_by=id)', 'backref("posts", order_by=id, lazy="selectin")'),
        ('backref("posts", lazy="select")', 'backref("posts", lazy="selectin")'),
        ('backref("posts", lazy="joined")', 'backref("posts", lazy="joined")'),
        ('"others"', '"others"'),
    ],
)
def test_way_back_that_backref_declares(tmp_path: Path, back: str, after: str) -> None:
    code = POSTS.replace("{back}", back)
    done = migrated(tmp_path, {"posts.py": code}, ("loading",))
    new = done.files["posts.py"][1].decode() if done.files else code
    assert f"relationship(Tag, backref={after})\n" in new


def test_association_proxy_reads_the_relationship(tmp_path: Path) -> None:
    proxy = "    names = association_proxy('region', 'name')\n\n    @property\n    def label("
    models = MODELS.replace("    @property\n    def label(", proxy)
    models = f"from sqlalchemy.ext.associationproxy import association_proxy\n{models}"
    reads = "from models import User\n\n\ndef read(user: User):\n    return user.names\n"
    for code, loaded in ((reads, ["User.region"]), (reads.replace("names", "email"), [])):
        done = migrated(tmp_path, {"models.py": models, "reads.py": code}, ("loading",))
        assert [remark.text.partition(" is ")[0] for remark in done.plan.loading] == loaded
