from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import REQUEST
from tests.proofs.programs import SERIES, error, use_instead
from tests.rules.kit import fix, lint
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

MISSING = '422 {"detail":[{"type":"missing","loc":["query","%s"],"msg":"Field required","input":null}]}\n'


def _with(dependency: str) -> str:
    return section(load()["ASQ224"], "Example").replace("Depends(factory)", f"Depends({dependency})") + REQUEST


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(("dependency", "parameter"), [("factory", "local_kw"), ("AsyncSession", "kw"), ("", "kw")])
def test_request_lacks_a_parameter_that_no_client_sends(
    series: str, dependency: str, parameter: str, tmp_path: Path
) -> None:
    assert run(series, _with(dependency), cwd=tmp_path).stdout == MISSING % parameter


@pytest.mark.parametrize("series", SERIES)
def test_session_class_gives_sessions_without_an_engine(series: str, tmp_path: Path) -> None:
    code = _with("").replace("AsyncSession =", "Session =").replace("(await db.", "(db.")
    done = run(series, f"from sqlalchemy.orm import Session\n{code}", cwd=tmp_path)
    assert "UnboundExecutionError: Could not locate a bind configured on" in error(done)


@pytest.mark.parametrize("series", SERIES)
def test_generator_and_override_work(series: str, tmp_path: Path) -> None:
    good = use_instead("ASQ224", series, tmp_path, REQUEST)
    assert (good.returncode, good.stdout, good.stderr) == (0, "200 1\n", "")
    override = "\nasync def get_db():\n    async with factory() as session:\n        yield session\n\n"
    override += "app.dependency_overrides[AsyncSession] = get_db\n"
    done = run(series, _with("AsyncSession").replace("\nimport asyncio", f"{override}\nimport asyncio"), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "200 1\n", "")


def test_fixed_example_is_the_other_form(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(section(load()["ASQ224"], "Example"), encoding="utf-8")
    assert fix(path) == section(load()["ASQ224"], "Use instead")
    assert lint(path) == []
