from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import REQUEST
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

CLAIM = "TypeError: '_AsyncGeneratorContextManager' object is not an async iterator"
RETURNED = "AttributeError: '_AsyncSessionContextManager' object has no attribute 'execute'"


@pytest.mark.parametrize("series", SERIES)
def test_fastapi_does_not_enter_context_managers(series: str, tmp_path: Path) -> None:
    assert error(example("ASQ220", series, tmp_path, REQUEST)) == CLAIM
    good = use_instead("ASQ220", series, tmp_path, REQUEST)
    assert (good.returncode, good.stdout, good.stderr) == (0, "200 1\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_returned_context_manager_arrives_in_place_of_the_session(series: str, tmp_path: Path) -> None:
    code = section(load()["ASQ220"], "Example").replace("Depends(session_scope)", "Depends(factory.begin)")
    assert error(run(series, code + REQUEST, cwd=tmp_path)) == RETURNED


@pytest.mark.parametrize("series", SERIES)
def test_overriding_context_manager_fails_alike(series: str, tmp_path: Path) -> None:
    code = section(load()["ASQ220"], "Use instead")
    override = "\nfrom contextlib import asynccontextmanager\n"
    override += "app.dependency_overrides[session_scope] = asynccontextmanager(session_scope)\n"
    assert error(run(series, code + override + REQUEST, cwd=tmp_path)) == CLAIM
