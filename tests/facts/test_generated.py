from __future__ import annotations

import pathlib

import pytest

import flake8_async_sqla.facts
from flake8_async_sqla.dev.facts_writing import tables
from flake8_async_sqla.facts.dialects_generated import DEFAULT_DRIVER, DRIVERS
from flake8_async_sqla.facts.keywords_generated import ASYNC_SESSIONMAKER_KEYWORDS, ENGINE_KEYWORDS, POOL_KEYWORDS
from flake8_async_sqla.facts.members import member
from flake8_async_sqla.facts.symbols import CANONICAL
from flake8_async_sqla.facts.versions import SUPPORTED
from tests.facts.observations import observation
from tests.sqlalchemy_versions import Unsupported, supported

FACTS = pathlib.Path(flake8_async_sqla.facts.__file__).parent


def test_shipped_tables_are_what_the_generator_writes() -> None:
    if supported() != SUPPORTED:
        with pytest.raises(Unsupported):
            observation(SUPPORTED[-1])
        return
    written = tables({series: observation(series) for series in SUPPORTED})
    assert sorted(written) == sorted(path.name for path in FACTS.glob("*_generated.py"))
    stale = [name for name, source in written.items() if (FACTS / name).read_text("utf-8") != source]
    assert not stale, f"run python -m flake8_async_sqla.dev facts: {stale}"


@pytest.mark.parametrize("series", supported())
def test_members_of_a_series(series: str) -> None:
    wrong = []
    for path, names in observation(series)["members"].items():
        owner = CANONICAL.get(path, path)
        for name, (kind, _) in names.items():
            found = member(owner, name, series)
            values = {"property", "attribute"}
            if found is None or (found.kind != kind and {found.kind, kind} != values):
                wrong.append((owner, name, kind, found))
    assert not wrong


@pytest.mark.parametrize("series", supported())
def test_keywords_and_drivers_of_a_series(series: str) -> None:
    seen = observation(series)
    assert frozenset(seen["keywords"]["engine"]) == ENGINE_KEYWORDS[series]
    assert frozenset(seen["keywords"]["async_sessionmaker"]) == ASYNC_SESSIONMAKER_KEYWORDS[series]
    assert {name: frozenset(names) for name, names in seen["keywords"]["pool"].items()} == POOL_KEYWORDS[series]
    assert {name: list(driver) for name, driver in DRIVERS[series].items()} == seen["dialects"]["drivers"]
    assert DEFAULT_DRIVER[series] == seen["dialects"]["default_driver"]


def test_all_series_are_needed_to_write() -> None:
    with pytest.raises(ValueError, match=r"observations of 1\.4, 2\.0, 2\.1 are needed"):
        tables({})
