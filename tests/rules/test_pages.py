"""A rule's page is its test: the example yields its code, the other form nothing, and the fix leads there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.model import Rule
from tests.rules.kit import FIXTURES, fix, lint

RULES = load()
# A cause and its place: what makes the sync engine or factory, and the coroutine that blocks with it.
COMPANIONS = {"ASQ101": {"ASQ603"}, "ASQ201": {"ASQ601"}}
AROUND = FIXTURES / "around"
PROOFS = Path(__file__).parent.parent / "proofs"


def section(rule: Rule, heading: str) -> str:
    """Take the indented code of a section out of a page."""
    body = rule.page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line[4:] for line in body.splitlines() if line.startswith("    ") or not line.strip()]
    return "\n".join(lines).strip() + "\n"


def write(folder: Path, source: str, code: str = "") -> Path:
    """Write a page's code into a folder, beside the files that the page takes for granted."""
    if code and (AROUND / code).is_dir():
        shutil.copytree(AROUND / code, folder, dirs_exist_ok=True)
    path = folder / "app.py"
    path.write_text(source, encoding="utf-8")
    return path


@pytest.mark.parametrize("code", RULES)
def test_example_yields_exactly_the_code(code: str, tmp_path: Path) -> None:
    path = write(tmp_path, section(RULES[code], "Example"), code)
    codes = frozenset(RULES) if RULES[code].opinion else None
    assert {place.code for place in lint(path, codes=codes)} == {code} | COMPANIONS.get(code, set())


@pytest.mark.parametrize("code", RULES)
def test_other_form_yields_nothing(code: str, tmp_path: Path) -> None:
    path = write(tmp_path, section(RULES[code], "Use instead"), code)
    codes = frozenset({code}) if RULES[code].opinion else None
    assert lint(path, codes=codes) == []


@pytest.mark.parametrize("code", [code for code, rule in RULES.items() if rule.fixable == "always"])
def test_fixing_the_example_gives_clean_code(code: str, tmp_path: Path) -> None:
    path = write(tmp_path, section(RULES[code], "Example"), code)
    codes = frozenset({code}) if RULES[code].opinion else None
    assert fix(path, codes=codes) == section(RULES[code], "Use instead")
    assert lint(path, codes=codes) == []


def test_codes_in_code_fixtures_and_proofs_are_the_same_set() -> None:
    fixtures = {path.name[:6] for path in FIXTURES.iterdir() if re.match(r"ASQ\d{3}", path.name)}
    proofs = {path.stem.removeprefix("test_").upper() for path in PROOFS.glob("test_asq*.py")}
    assert fixtures == set(RULES)
    assert proofs == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_code_is_one_that_flake8_accepts(code: str) -> None:
    assert re.fullmatch(r"ASQ[1-9]\d\d", code)
