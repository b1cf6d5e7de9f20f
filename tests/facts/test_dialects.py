from __future__ import annotations

import json

import pytest

from flake8_async_sqla.facts.dialects import ASYNC_REPLACEMENT, DRIVERS, MISSPELT, THIRD_PARTY, driver, unknown
from flake8_async_sqla.facts.versions import SUPPORTED
from tests.sqlalchemy_versions import run, supported

LOAD = """
import json, sys
from sqlalchemy.engine import make_url
found = {}
for scheme in json.loads(sys.argv[1]):
    try:
        make_url(scheme + "://").get_dialect()
        found[scheme] = ""
    except Exception as error:
        found[scheme] = type(error).__name__
print(json.dumps(found))
"""


def load(series: str, schemes: list[str]) -> dict[str, str]:
    done = run(series, LOAD, json.dumps(schemes))
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("series", supported())
def test_unknown_schemes_cannot_be_loaded_and_known_ones_can(series: str) -> None:
    everywhere = {scheme for drivers in DRIVERS.values() for scheme in drivers}
    schemes = sorted({*MISSPELT, *everywhere, *(scheme.partition("+")[0] for scheme in everywhere)} - {*THIRD_PARTY})
    found = load(series, schemes)
    known = {scheme: driver(scheme, series) is not None for scheme in schemes}
    assert known == {scheme: error == "" for scheme, error in found.items()}
    for scheme, error in found.items():
        if unknown(scheme, series):
            assert error == "NoSuchModuleError"


@pytest.mark.parametrize("scheme", sorted(MISSPELT))
def test_misspelt_schemes_mean_a_known_one(scheme: str) -> None:
    assert all(unknown(scheme, series) for series in SUPPORTED)
    assert driver(MISSPELT[scheme], "2.1") is not None


@pytest.mark.parametrize("scheme", sorted(ASYNC_REPLACEMENT))
def test_replacements_are_async(scheme: str) -> None:
    for candidate in ASYNC_REPLACEMENT[scheme]:
        found = driver(candidate, "2.0")
        assert found is not None
        assert found.is_async or found.dual
        assert candidate.partition("+")[0] == scheme.partition("+")[0]


def test_every_sync_driver_of_a_backend_with_an_async_one_has_a_replacement() -> None:
    missing = {
        scheme
        for series in SUPPORTED
        for scheme, found in DRIVERS[series].items()
        if not found.is_async and not found.dual and scheme not in ASYNC_REPLACEMENT
    }
    no_async_driver = ("firebird+", "sybase+", "sqlite+pysqlcipher", "mssql+mxodbc")
    assert [scheme for scheme in sorted(missing) if not scheme.startswith(no_async_driver)] == []


def test_bare_scheme_depends_on_the_series() -> None:
    old, new = driver("postgresql", "2.0"), driver("postgresql", "2.1")
    assert old is not None
    assert not old.is_async
    assert not old.dual
    assert new is not None
    assert new.dual


def test_schemes_of_other_packages_are_not_unknown() -> None:
    assert not any(unknown(scheme, series) for scheme in THIRD_PARTY for series in SUPPORTED)
    assert driver("mydb+mydriver", "2.0") is None
    assert not unknown("mydb+mydriver", "2.0")
