from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

CLAIM = "AttributeError: '%s' object has no attribute 'execute'"


@pytest.mark.parametrize("series", SERIES)
def test_transaction_is_no_session(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ226", series, tmp_path, awaiting("ping()"))) == CLAIM % "AsyncSessionTransaction"
    good = use_instead("ASQ226", series, tmp_path, awaiting("ping()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")


def test_transaction_of_a_connection_is_no_connection(tmp_path: Path) -> None:
    code = section(load()["ASQ226"], "Example").replace("factory() as", "engine.connect() as")
    assert error(run("2.0", code + awaiting("ping()"), cwd=tmp_path)) == CLAIM % "AsyncTransaction"


@pytest.mark.parametrize("begin", ["factory.begin()", "engine.begin()"])
def test_begin_of_a_factory_or_engine_gives_what_executes(begin: str, tmp_path: Path) -> None:
    code = section(load()["ASQ226"], "Example").replace("factory() as session", f"{begin} as tx")
    code = code.replace("async with session.begin() as tx:", "if True:")
    done = run("2.0", code + awaiting("ping()"), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
