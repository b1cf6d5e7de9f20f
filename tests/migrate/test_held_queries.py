from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import migrated

CODE = """\
from sqlalchemy import Column, Integer
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class Post(Base):
    __tablename__ = "post"
    id = Column(Integer, primary_key=True)


def remove(db: Session, key, more=None):
    query = db.query(Post).filter(Post.id == key)
    if query.first() is None:
        return 0
    return query.delete()
"""


def _queries(root: Path, code: str) -> str:
    done = migrated(root, {"app.py": code}, ("query",))
    return done.files["app.py"][1].decode() if done.files else code


def test_held_query_selects_and_deletes(tmp_path: Path) -> None:
    new = _queries(tmp_path, CODE)
    assert (
        "    query = select(Post).filter(Post.id == key)\n    if db.scalars(query.limit(1)).first() is None:\n" in new
    )
    assert "    return db.execute(delete(Post).where(query.whereclause)).rowcount\n" in new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (".filter(Post.id == key)", ""),
        (".filter(Post.id == key)", ".filter()"),
        (".filter(Post.id == key)", ".filter(Post.id == key).limit(1)"),
        ("db.query(Post)", "db.query(Post, Post.id)"),
        ("db.query(Post)", "db.query(Post.id)"),
        ("    if query", "    if key:\n        query = db.query(Post)\n    if query"),
        ("query.delete()", "query.delete(bind=key)"),
        ("query.delete()", "query.order_by(Post.id).delete()"),
    ],
)
def test_without_one_query_and_its_criteria_all_stays(tmp_path: Path, old: str, new: str) -> None:
    code = CODE.replace(old, new)
    assert _queries(tmp_path, code) == code
