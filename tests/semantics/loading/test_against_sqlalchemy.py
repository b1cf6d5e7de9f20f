"""What the analysis says that a statement loads is what SQLAlchemy loads."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flake8_async_sqla.semantics.loading.plan import Entity, Plan, Value
from flake8_async_sqla.semantics.loading.queries import query
from flake8_async_sqla.semantics.mapping.classes import mapped_class
from flake8_async_sqla.semantics.types import ProjectClass
from tests.semantics.loading.models import MODELS, STATEMENTS
from tests.semantics.revealing import load, revealed
from tests.sqlalchemy_versions import run, supported

DRIVE = """
import json, sys
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session, attributes

engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    author = Author(name="n", books=[Novel(title="t", plot="p", tags=[Tag(word="w"), Tag(word="v")])])
    author.profile = Profile(pages=[Page(), Page()])
    author.awards = [Award(label="l")]
    session.add_all([author, Menu(items=[Dish(), Dish()])])
    session.commit()


def described(value, seen):
    if not hasattr(value, "_sa_instance_state") or value in seen:
        return "value" if value not in seen else "seen"
    found = {}
    for key in inspect(value).mapper.attrs.keys():
        if key in value.__dict__:
            loaded = value.__dict__[key]
            if key in inspect(value).mapper.relationships:
                items = loaded if isinstance(loaded, list) else [loaded] if loaded is not None else []
                found[key] = described(items[0], [*seen, value]) if items else {}
            else:
                found[key] = "value"
    return found


def raising(value):
    found = []
    state = inspect(value)
    for key in state.mapper.attrs.keys():
        if key not in value.__dict__ and key != "extra":
            try:
                getattr(value, key)
            except InvalidRequestError:
                found.append(key)
    return sorted(found)


found = {}
for name, code in json.load(sys.stdin).items():
    scope = dict(globals())
    exec(code, scope)
    with Session(engine) as session:
        try:
            rows = session.execute(scope["stmt"]).all()
            unique = False
        except InvalidRequestError as error:
            assert "unique()" in str(error)
            rows = session.execute(scope["stmt"]).unique().all()
            unique = True
        columns = [described(item, []) for item in rows[0]]
        first = next((item for item in rows[0] if hasattr(item, "_sa_instance_state")), None)
        found[name] = {
            "unique": unique, "columns": columns, "raising": raising(first) if first is not None else [],
        }
print(json.dumps(found))
"""


@cache
def real(series: str) -> dict[str, Any]:
    """Run all statements."""
    code = f"{MODELS}\n{DRIVE}".replace("json.load(sys.stdin)", repr(STATEMENTS))
    done = run(series, code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


EAGER = ("joined", "selectin")


def predicted(cls: ProjectClass, plan: Plan, trail: tuple[ProjectClass, ...] = ()) -> dict[str, Any]:
    """Say what a plan loads of an object."""
    mapped = mapped_class(cls)
    assert mapped is not None
    assert plan.certain
    found: dict[str, Any] = {}
    for name, attribute in mapped.attributes.items():
        if attribute.kind == "relationship":
            blocked = "*" in plan.raising or "*" in plan.unloaded or name in plan.raising or name in plan.unloaded
            if name in plan.relationships or (attribute.lazy in EAGER and not blocked):
                assert attribute.target is not None
                below = plan.relationships.get(name) or plan.behind.get(name) or Plan()
                target = widened(attribute.target, below)
                found[name] = "seen" if attribute.target in trail else predicted(target, below, (*trail, cls))
        elif attribute.kind in ("column", "column_property"):
            if attribute.primary_key or name in plan.undeferred or "*" in plan.undeferred:
                found[name] = "value"
            elif plan.columns is not None:
                found.update({name: "value"} if name in plan.columns else {})
            elif name not in plan.deferred and "*" not in plan.deferred and not attribute.deferred and name != "extra":
                found[name] = "value"
    return found


def widened(cls: ProjectClass, plan: Plan) -> ProjectClass:
    """The only book is a novel: its class where the plan loads subclasses, else the class queried."""
    return plan.subclasses[0] if plan.subclasses else cls


def without_empty(found: Any, real: Any) -> Any:
    """Leave out what lies behind relationships that hold nothing, or what was seen higher up."""
    if real in ("seen", {}) or not isinstance(found, dict) or not isinstance(real, dict):
        return real if real in ("seen", {}) else found
    known = {key: value for key, value in found.items() if value != "seen" or key in real}
    return {key: without_empty(value, real.get(key)) for key, value in known.items()}


@pytest.mark.parametrize("series", [series for series in supported() if series != "1.4"])
@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_load_what_sqlalchemy_loads(name: str, series: str, tmp_path: Path) -> None:
    code = f"{MODELS}\n{STATEMENTS[name]}\nreveal(stmt)\n"
    module = load(tmp_path, {"app.py": code})
    found = query(module, revealed(module)[0])
    expected = real(series)[name]
    assert found is not None
    assert found.certain
    columns: list[Any] = []
    for column in found.columns:
        assert column is not None
        columns.append(
            "value" if isinstance(column, Value) else predicted(widened(column.cls, column.plan), column.plan)
        )
    columns = [without_empty(mine, theirs) for mine, theirs in zip(columns, expected["columns"], strict=True)]
    assert columns == expected["columns"]
    assert (found.joined_collection is not None) == expected["unique"]
    entity = next((column for column in found.columns if isinstance(column, Entity)), None)
    if entity is not None:
        mapped = mapped_class(entity.cls)
        assert mapped is not None
        attributes = mapped.attributes
        said = {key for key in entity.plan.raising if key not in ("*", "extra")}
        for key, attribute in attributes.items():
            plan = entity.plan
            unloaded = attribute.kind == "relationship" and key not in plan.relationships and "*" not in plan.unloaded
            if unloaded and ("*" in entity.plan.raising or attribute.lazy == "raise"):
                said.add(key)
        assert sorted(said) == expected["raising"]
