from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

ENTERED = "TypeError: 'async_sessionmaker' object does not support the asynchronous context manager protocol"
OLD = "AttributeError: __aenter__"
ASKED = "AttributeError: 'async_sessionmaker' object has no attribute 'execute'"


@pytest.mark.parametrize("series", SERIES)
def test_factory_cannot_be_entered(series: str, tmp_path: Path) -> None:
    claim = ENTERED if sys.version_info >= (3, 11) else OLD
    assert error(example("ASQ216", series, tmp_path, awaiting("ping()"))) == claim
    good = use_instead("ASQ216", series, tmp_path, awaiting("ping()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_factory_is_no_session(series: str, tmp_path: Path) -> None:
    code = section(load()["ASQ216"], "Example").replace("async with factory as session", "for session in [factory]")
    assert error(run(series, code + awaiting("ping()"), cwd=tmp_path)) == ASKED
