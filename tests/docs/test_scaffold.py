from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_async_sqla.dev import new, pages
from flake8_async_sqla.dev.__main__ import main
from tests.sqlalchemy_versions import CACHE

ROOT = Path(__file__).parents[2]


def test_starts_every_file_that_a_rule_needs(tmp_path: Path) -> None:
    written = {path.relative_to(tmp_path).as_posix() for path in new.scaffold(tmp_path, "ASQ299", "lost-session")}
    assert written == {
        "changelog.d/+asq299.rule.md",
        "flake8_async_sqla/rules/sessions/__init__.py",
        "flake8_async_sqla/rules/sessions/lost_session.py",
        "tests/proofs/test_asq299.py",
        "tests/rules/fixtures/ASQ299_lost_session.py",
    }


def test_page_has_its_name_and_headings(tmp_path: Path) -> None:
    new.scaffold(tmp_path, "ASQ299", "lost-session")
    source = (tmp_path / "flake8_async_sqla/rules/sessions/lost_session.py").read_text(encoding="utf-8")
    page = ast.get_docstring(ast.parse(source)) or ""
    assert page.startswith("# lost-session\n")
    assert tuple(pages.sections(page)) == pages.REQUIRED


def test_new_rule_and_its_proof_fail_until_they_are_written(tmp_path: Path) -> None:
    for part in ("flake8_async_sqla", "tests"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    new.scaffold(tmp_path, "ASQ299", "lost-session")
    selection = ["-k", "asq299 or ASQ299", "tests/rules", "tests/proofs", "tests/docs/test_pages.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-rf", *selection]
    environment = {**os.environ, "ASYNC_SQLA_TEST_CACHE": str(CACHE.parent)}
    output = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True).stdout
    for test in (
        "test_asq299.py::test_bad_shows_the_symptom[2.0]",
        "test_asq299.py::test_good_runs_clean[2.0]",
        "test_fixtures.py::test_findings_are_exactly_the_marked_ones[ASQ299_lost_session]",
        "test_pages.py::test_page_leaves_no_section_empty[ASQ299]",
    ):
        assert test in output, output


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    first = new.scaffold(tmp_path, "ASQ299", "lost-session")[0]
    first.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="lost_session"):
        new.scaffold(tmp_path, "ASQ299", "lost-session")
    assert first.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "arguments", [["ASQ12", "a-name"], ["ASQ001", "a-name"], ["B123", "a-name"], ["ASQ123", "A_name"]]
)
def test_refuses_what_is_no_code_or_name(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["new", *arguments])
    assert "error: argument" in capsys.readouterr().err
