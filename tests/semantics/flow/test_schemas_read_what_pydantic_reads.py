"""Each schema validates an object that records what is read of it; the analysis must say the same."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.flow.reads.reads import Reads
from flake8_async_sqla.semantics.schemas.reading import reads_of
from flake8_async_sqla.semantics.types import ProjectClass
from tests.semantics.flow.schema_programs import SCHEMAS
from tests.semantics.revealing import load
from tests.sqlalchemy_versions import run

RECORD = """
import json
import sys
import warnings

warnings.simplefilter("ignore")

class Record:
    def __init__(self, seen, path=()):
        self.__dict__.update(_seen=seen, _path=path)

    def __hash__(self):
        return id(self)

    def __getattr__(self, name):
        path = (*self._path, name)
        if not name.startswith("__"):
            self._seen.add(".".join(path))
        if name.startswith("__") or name != name.lower():
            raise AttributeError(name)
        inner = Record(self._seen, path)
        if name == "by_key":
            return {"k": inner}
        if name.endswith("s") or name in ("children", "items"):
            return [] if name in self._path else [inner, Record(self._seen, path)]
        if name in ("author", "owner"):
            return inner
        raise RuntimeError("expired")

def read(model, value, forced):
    seen = set()
    subject = Record(seen)
    try:
        pydantic.TypeAdapter(model).validate_python([subject] if issubclass(model, RootModel) else subject, **forced)
    except pydantic.ValidationError:
        pass
    return sorted(seen)

found = {}
for name, model in list(globals().items()):
    if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == "__main__":
        found[name] = [read(model, name, {}), read(model, name, {"from_attributes": True})]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[list[str]]]:
    done = run("2.0", SCHEMAS + RECORD)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[list[str]]] = json.loads(done.stdout)
    return found


def paths(reads: Reads, before: str = "") -> set[str]:
    found = set()
    for name, below in reads.attributes.items():
        found |= {before + name, *paths(below, f"{before}{name}.")}
    return found


CLASSES = [node.name for node in ast.parse(SCHEMAS).body if isinstance(node, ast.ClassDef)]
NAMES = [name for name in CLASSES if name != "Mixin"]


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_schema(name: str, forced: bool, recorded: dict[str, list[list[str]]], tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": SCHEMAS})
    node = next(node for node in module.tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    told = paths(reads_of(ProjectClass(module, node), [], forced))
    read = set(recorded[name][forced])
    if name.startswith("Hidden") or (name in ("Hero", "Team", "Pair", "Page")):
        assert told <= read
    else:
        assert told == read


def test_the_sample_reads_much(recorded: dict[str, list[list[str]]]) -> None:
    assert set(NAMES) <= set(recorded)
    assert sum(len(reads) for pair in recorded.values() for reads in pair) > 200
