"""Each legacy query gives the same rows when it is migrated and run on the same data."""

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
from tests.migrate.catalogue.forms import CONVERTED, LEFT, STATEMENTS
from tests.migrate.kit import migrated

_HERE = Path(__file__).parent / "catalogue"
_HEAD = """\
from models import I, U
from sqlalchemy import func, literal, text
from sqlalchemy.orm import Session, aliased, joinedload, selectinload


def form(s: Session):
"""
BODIES = {name: f"    return {code}\n" for name, code in CONVERTED.items()} | STATEMENTS


def _modules(bodies: Mapping[str, str]) -> dict[str, str]:
    forms = {f"form_{number:03}.py": f"{_HEAD}{body.lstrip(chr(10))}" for number, body in enumerate(bodies.values())}
    return {"models.py": (_HERE / "models.py").read_text(encoding="utf-8"), **forms}


def _results(folder: Path, kind: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", str(_HERE / "run.py"), str(folder), kind]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> tuple[Migration, dict[str, Any], dict[str, Any]]:
    before = tmp_path_factory.mktemp("before")
    done = migrated(before, _modules(BODIES), ("query", "flip"))
    after = tmp_path_factory.mktemp("after")
    shutil.copytree(before, after, dirs_exist_ok=True)
    for path, (_, new) in done.files.items():
        (after / path).write_bytes(new)
    return done, _results(before, "sync"), _results(after, "async")


@pytest.mark.parametrize("number", range(len(BODIES)), ids=list(BODIES))
def test_same_rows(number: int, catalogue: tuple[Migration, dict[str, Any], dict[str, Any]]) -> None:
    done, sync, asynchronous = catalogue
    name = f"form_{number:03}"
    assert f"{name}.py" in done.files
    assert b".query(" not in done.files[f"{name}.py"][1]
    assert asynchronous[name] == sync[name]


def test_results_are_those_of_working_programs(catalogue: tuple[Migration, dict[str, Any], dict[str, Any]]) -> None:
    raised = {name: result[1] for name, result in catalogue[1].items() if result[0] == "raises"}
    assert sorted(raised.values()) == [
        "IndexError", "MultipleResultsFound", "MultipleResultsFound", "MultipleResultsFound", "NoResultFound",
    ]  # fmt: skip


def test_queries_without_a_certain_form_stay(tmp_path: Path) -> None:
    done = migrated(
        tmp_path, _modules({name: f"    return {code}\n" for name, code in LEFT.items()}), ("query", "flip")
    )
    assert done.files == {}
    assert {remark.path for remark in done.plan.refusals} == {f"form_{number:03}.py" for number in range(len(LEFT))}
