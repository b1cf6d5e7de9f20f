from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrate.kit import flipped, migrated

CODE = """\
from sqlalchemy import String, create_engine, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(10))


engine = create_engine("sqlite://")


def main():
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Post(id=1, title="old"))
        session.commit()
        post = session.get(Post, 1)
        session.execute(update(Post).values(title="new").execution_options(synchronize_session=False))
        session.commit()
        print(session.scalars(select(Post)).one().title, post.title)


if __name__ == "__main__":
    main()
"""


def _printed(root: Path, code: str) -> str:
    (root / "run.py").write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, "run.py"], cwd=root, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "options",
    [".execution_options(synchronize_session=False))", ', execution_options={"synchronize_session": False})'],
)
def test_objects_have_the_new_values_after_the_commit(tmp_path: Path, options: str) -> None:
    code = CODE.replace(".execution_options(synchronize_session=False))", options)
    after = flipped(tmp_path, code)
    assert '"auto"' in after
    assert (_printed(tmp_path, code), _printed(tmp_path, after)) == ("new new\n", "new new\n")
    assert migrated(tmp_path, {"app.py": after}).files == {}


def test_what_says_more_stays(tmp_path: Path) -> None:
    new = flipped(tmp_path, CODE.replace("synchronize_session=False", "synchronize_session='fetch'"))
    assert "synchronize_session='fetch'" in new
