from __future__ import annotations

import json

import pytest

from flake8_async_sqla.facts import frameworks
from flake8_async_sqla.facts.engine_arguments import ADDED, ASYNC_POOLS, BLOCKING_POOLS, REMOVED
from flake8_async_sqla.facts.members_generated import MEMBERS
from flake8_async_sqla.facts.symbols import BASES, CANONICAL, spelling
from flake8_async_sqla.facts.versions import SUPPORTED
from tests.facts.observations import observation
from tests.sqlalchemy_versions import run, supported

IMPORT = """
import importlib, json, sys
found = {}
for path in json.loads(sys.argv[1]):
    parts = path.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:end]))
            break
        except ImportError:
            value = None
    for part in parts[end:]:
        value = getattr(value, part, None)
    found[path] = "" if value is None else str(id(value))
print(json.dumps(found))
"""


def identities(series: str, paths: list[str]) -> dict[str, str]:
    done = run(series, IMPORT, json.dumps(sorted(paths)))
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("series", [series for series in supported() if series != "1.4"])
def test_spellings_name_one_object(series: str) -> None:
    groups = observation(series)["symbols"]["spellings"]
    paths = [path for first, others in groups.items() for path in (first, *others)]
    found = identities(series, [*paths, *{spelling(CANONICAL.get(path, path), series) for path in paths}])
    own_functions = {"sqlalchemy.ext.declarative.declarative_base", "sqlalchemy.orm.relation"}
    for path in set(paths) - own_functions:
        canonical = CANONICAL.get(path, path)
        assert found[path], path
        assert found[path] == found[spelling(canonical, series)], (path, canonical)


@pytest.mark.parametrize("series", supported())
def test_canonical_paths_can_be_imported_as_spelt_in_a_series(series: str) -> None:
    paths = [path for path in MEMBERS if not path.startswith("sqlmodel.") and ADDED.get(path, "1.4") <= series]
    spelt = {spelling(path, series) for path in paths} - {"sqlalchemy.ext.asyncio.AsyncTupleResult"}
    assert [path for path, identity in identities(series, [*spelt]).items() if not identity] == []


@pytest.mark.parametrize("series", supported())
def test_symbols_come_and_go_where_the_tables_say(series: str) -> None:
    importable = {path for path in [*REMOVED, *ADDED] if path.startswith("sqlalchemy.")}
    found = identities(series, [spelling(path, series) for path in importable])
    order = SUPPORTED.index
    for path in importable:
        there = bool(found[spelling(path, series)])
        removed, added = REMOVED.get(path), ADDED.get(path)
        assert there == (
            (removed is None or order(series) < order(removed)) and (added is None or order(series) >= order(added))
        ), path


def test_hierarchy() -> None:
    assert BASES["sqlmodel.ext.asyncio.session.AsyncSession"] == ("sqlalchemy.ext.asyncio.AsyncSession",)
    assert BASES["sqlalchemy.pool.AsyncAdaptedQueuePool"] == ("sqlalchemy.pool.QueuePool",)
    assert BASES["fastapi.FastAPI"] == ("starlette.applications.Starlette",)
    assert all(path not in CANONICAL for path in BASES)


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("sqlalchemy.engine.create.create_engine", "sqlalchemy.create_engine"),
        ("sqlalchemy.engine.Engine", "sqlalchemy.Engine"),
        ("sqlmodel.create_engine", "sqlalchemy.create_engine"),
        ("sqlmodel.Session", "sqlmodel.orm.session.Session"),
        ("sqlalchemy.pool.impl.QueuePool", "sqlalchemy.pool.QueuePool"),
        ("sqlalchemy.QueuePool", "sqlalchemy.pool.QueuePool"),
        ("sqlalchemy.ext.asyncio.session.async_sessionmaker", "sqlalchemy.ext.asyncio.async_sessionmaker"),
        ("fastapi.Request", "starlette.requests.Request"),
        ("fastapi.applications.FastAPI", "fastapi.FastAPI"),
        ("fastapi.concurrency.run_in_threadpool", "starlette.concurrency.run_in_threadpool"),
        ("fastapi.responses.StreamingResponse", "starlette.responses.StreamingResponse"),
    ],
)
def test_canonical(path: str, canonical: str) -> None:
    assert CANONICAL[path] == canonical
    assert canonical not in CANONICAL


def test_frameworks_use_canonical_paths_that_exist() -> None:
    prefixes = ("fastapi.", "litestar.", "starlette.")
    paths = {
        *frameworks.APPLICATIONS,
        *frameworks.BACKGROUND,
        *frameworks.DEPENDENCIES,
        *frameworks.STATE_PARAMETERS,
        *frameworks.STREAMING_RESPONSES,
        *frameworks.THREADS,
        *(state.owner for state in frameworks.STATES),
    }
    known = [path for path in paths if path.startswith(prefixes)]
    assert [path for path in known if path in CANONICAL] == []
    assert [path for path, identity in identities("2.0", known).items() if not identity] == []


def test_pools_are_canonical() -> None:
    assert all(path not in CANONICAL for path in ASYNC_POOLS | BLOCKING_POOLS)
