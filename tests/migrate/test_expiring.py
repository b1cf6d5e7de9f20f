"""``session.expire()``, after which a read loads an object again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrate.kit import flipped

CODE = """\
from sqlalchemy import String, create_engine, func
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(10))


engine = create_engine("sqlite://")


def shout(db: Session, post: Post):
    post.title = func.upper(post.title)
    db.flush()
    {expire}
    return post.title


def main():
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        post = Post(id=1, title="new")
        session.add(post)
        session.flush()
        print(shout(session, post))


if __name__ == "__main__":
    main()
"""


def _printed(root: Path, code: str) -> str:
    (root / "run.py").write_text(code, encoding="utf-8")
    words = [sys.executable, "-W", "error::RuntimeWarning", "run.py"]
    done = subprocess.run(words, cwd=root, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("arguments", ["post", "post, ['title']", "post, attribute_names=['title']"])
def test_what_is_read_is_loaded_at_once(tmp_path: Path, arguments: str) -> None:
    code = CODE.format(expire=f"db.expire({arguments})")
    after = flipped(tmp_path, code)
    assert f"await db.refresh({arguments})" in after
    assert (_printed(tmp_path, code), _printed(tmp_path, after)) == ("NEW\n", "NEW\n")


LEFT = ["if post.id > 1:\n        db.expire(post)\n        return ''", "db.expire(post)\n    post = Post()"]


@pytest.mark.parametrize("end", LEFT)
def test_what_is_not_read_stays_expired(tmp_path: Path, end: str) -> None:
    code = CODE.replace("func.upper(post.title)", "'NEW'").replace("{expire}", end)
    assert f"    {end}\n" in flipped(tmp_path, code)
