from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import migrated

CODE = """\
from sqlalchemy import Column, Integer, Numeric
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class Price(Base):
    __tablename__ = "price"
    id = Column(Integer, primary_key=True)
    amount = Column(Numeric(10, 2))


def add(db: Session, amount):
    price = Price(amount=amount)
    db.add(price)
    db.commit()
    return price
"""


def _notes(root: Path, code: str) -> list[tuple[int, str]]:
    done = migrated(root, {"app.py": code})
    assert done.plan.refusals == []
    return [(note.line, note.text.partition(" ")[0]) for note in done.plan.loading]


def test_object_read_after_the_commit_that_wrote_it(tmp_path: Path) -> None:
    assert _notes(tmp_path, CODE) == [(17, "price")]


def test_changed_object(tmp_path: Path) -> None:
    code = CODE.replace("    db.add(price)\n", "    price.amount = amount\n")
    assert _notes(tmp_path, code) == [(17, "price")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    return price\n", "    db.refresh(price)\n    return price\n"),
        ("    return price\n", "    return 1\n"),
        ("    return price\n", "    price = 1\n    return price\n"),
        ("    price = Price(amount=amount)\n", "    price = unknown(amount)\n"),
    ],
)
def test_nothing_to_tell(tmp_path: Path, old: str, new: str) -> None:
    assert _notes(tmp_path, CODE.replace(old, new)) == []
