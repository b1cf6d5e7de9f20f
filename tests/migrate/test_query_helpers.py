"""Queries that go through helpers and files give the same rows when they are migrated and run on the same data."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flake8_async_sqla.migrate.migration import Migration
from tests.migrate.catalogue.helpers import HEAD, HELPERS
from tests.migrate.catalogue.programs import KEPT, PROGRAMS
from tests.migrate.kit import migrated

_HERE = Path(__file__).parent / "catalogue"


def _modules(programs: Mapping[str, str]) -> dict[str, str]:
    models = (_HERE / "models.py").read_text(encoding="utf-8")
    forms = {f"form_{number:03}.py": f"{HEAD}{code.lstrip()}" for number, code in enumerate(programs.values())}
    return {"models.py": models, "helpers.py": HELPERS, **forms}


def _results(folder: Path, kind: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "error::RuntimeWarning", str(_HERE / "run.py"), str(folder), kind]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Migration, dict[str, dict[str, Any]]]:
    before = tmp_path_factory.mktemp("before")
    results: dict[str, dict[str, Any]] = {}
    for stages, kind in ((("query",), "sync"), (("query", "flip"), "async")):
        done = migrated(before, _modules(PROGRAMS), stages)
        assert done.plan.refusals == []
        after = tmp_path_factory.mktemp("after")
        shutil.copytree(before, after, dirs_exist_ok=True)
        for path, (_, new) in done.files.items():
            (after / path).write_bytes(new)
        results[kind] = _results(after, kind)
    results["before"] = _results(before, "sync")
    return done, results


@pytest.mark.parametrize("number", range(len(PROGRAMS)), ids=list(PROGRAMS))
def test_same_rows_in_each_stage(number: int, programs: tuple[Migration, dict[str, dict[str, Any]]]) -> None:
    done, results = programs
    name = f"form_{number:03}"
    code = done.files[f"{name}.py"][1].decode()
    assert ".query(" not in code
    assert results["before"][name][0] == "gives", results["before"][name]
    assert results["sync"][name] == results["before"][name], code
    assert results["async"][name] == results["before"][name], code


def test_helpers_say_select(programs: tuple[Migration, dict[str, dict[str, Any]]]) -> None:
    code = programs[0].files["helpers.py"][1].decode()
    assert "Query" not in code
    assert "def active(query: Select) -> Select:\n" in code
    assert "def people(db: AsyncSession) -> Select:\n    return select(U)\n" in code


@pytest.mark.parametrize("name", KEPT)
def test_queries_that_cannot_be_followed_stay(name: str, tmp_path: Path) -> None:
    done = migrated(tmp_path, _modules({name: KEPT[name]}), ("query", "flip"))
    assert "form_000.py" in done.refused
    assert done.files == {}


def test_query_that_is_tested_for_truth(tmp_path: Path) -> None:
    code = """\
from sqlalchemy.orm import DeclarativeBase, Session


class Thing(DeclarativeBase):
    __tablename__ = "things"


def add(db: Session):
    old = db.query(Thing).filter_by(id=1)
    if not old:
        old = new(db)
    return 2 if db.query(Thing) else 3


def new(db: Session):
    return db.get(Thing, 1)
"""
    new = migrated(tmp_path, {"app.py": code}, ("query",)).files["app.py"][1].decode()
    assert "    old = select(Thing).filter_by(id=1)\n    if old is None:\n        old = new(db)\n" in new
    assert "return 2 if select(Thing) is not None else 3\n" in new


def test_parameter_that_all_calls_give_a_class(tmp_path: Path) -> None:
    code = """\
from sqlalchemy.orm import DeclarativeBase, Session


class Base(DeclarativeBase):
    pass


class A(Base):
    __tablename__ = "a"


class B(Base):
    __tablename__ = "b"


def page(db: Session, model, skip):
    return db.query(model).offset(skip).all()


def pages(db: Session):
    return page(db, A, 1), page(db, skip=1, model=B)
"""
    new = migrated(tmp_path / "classes", {"app.py": code}, ("query",)).files["app.py"][1].decode()
    assert "return db.scalars(select(model).offset(skip)).unique().all()\n" in new
    other = code.replace("page(db, A, 1)", "page(db, A.id, 1)")
    assert migrated(tmp_path / "columns", {"app.py": other}, ("query",)).files == {}


def test_method_that_gives_a_query_and_overrides_one_that_nobody_calls(tmp_path: Path) -> None:
    code = """\
from sqlalchemy.orm import DeclarativeBase, Session


class Thing(DeclarativeBase):
    __tablename__ = "things"


class Service:
    def fetch(self): ...


class Things(Service):
    def fetch(self, db: Session):
        return db.query(Thing)


class Others(Service):
    def fetch(self):
        return super().fetch()


def first(db: Session):
    return Things().fetch(db).first()
"""
    new = migrated(tmp_path / "one", {"app.py": code}, ("query",)).files["app.py"][1].decode()
    assert "        return select(Thing)\n" in new
    assert "    return db.scalars(Things().fetch(db).limit(1)).first()\n" in new
    code += "\n\ndef any_of(service: Service):\n    return service.fetch()\n"
    assert migrated(tmp_path / "two", {"app.py": code}, ("query",)).files == {}
