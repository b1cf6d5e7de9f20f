"""The playground says what the commands say, also with the parser that it has to take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import libcst
import pytest
from libcst import ParserSyntaxError

from flake8_async_sqla.dev.playground import bundle, native
from flake8_async_sqla.dev.playground.judge import judged

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests/rules/fixtures"
SOURCES = sorted(FIXTURES.glob("ASQ[1-8]01.py")) + sorted((ROOT / "docs/example").rglob("*.py"))
WITH_IN_BRACKETS = "async with (\n    a as b,\n):\n    pass\n"
BAD = 'from sqlalchemy.ext.asyncio import create_async_engine\n\nengine = create_async_engine("postgresql://app")\n'


class Blank(libcst.CSTTransformer):
    """Whether an empty line is indented by nothing, or not at all, is all that the parsers see differently."""

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        return updated_node.with_changes(indent=True) if isinstance(updated_node, libcst.EmptyLine) else updated_node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_parsers_agree(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    parsed = native.parse_module(source)
    assert parsed.code == source
    assert parsed.visit(Blank()).deep_equals(libcst.parse_module(source).visit(Blank()))


def test_newer_grammar_is_refused_by_the_one_in_python() -> None:
    assert libcst.parse_module(WITH_IN_BRACKETS).code == WITH_IN_BRACKETS
    with pytest.raises(ParserSyntaxError):
        native.parse_module(WITH_IN_BRACKETS)


@pytest.mark.parametrize("text", ["a + [b for c in d]", "await f(x, *y, z=1)"])
def test_parsers_agree_on_expressions(text: str) -> None:
    assert native.parse_expression(text).deep_equals(libcst.parse_expression(text))


@pytest.mark.parametrize("text", ["async with a as b:\n    pass\n", "x = 1  # why\n"])
def test_parsers_agree_on_statements(text: str) -> None:
    assert native.parse_statement(text).deep_equals(libcst.parse_statement(text))


def test_judges_as_the_commands_do() -> None:
    verdict = json.loads(judged(BAD))
    (finding,) = verdict["findings"]
    assert (finding["code"], finding["line"], finding["fix"]["safety"]) == ("ASQ102", 3, "safe")
    assert finding["summary"].startswith("Finds a database URL")
    assert '+engine = create_async_engine("postgresql+asyncpg://app")\n' in verdict["diff"]
    assert verdict["errors"] == ""


def test_options_count() -> None:
    assert json.loads(judged(BAD, ["--async-sqla-target=2.1"]))["findings"] == []


def test_what_is_no_python_is_said() -> None:
    verdict = json.loads(judged("def\n"))
    assert verdict["findings"] == []
    assert "app.py:1" in verdict["errors"]


@pytest.mark.parametrize("code", ["ASQ104", "ASQ301", "ASQ401", "ASQ501"])
def test_fixes_are_the_same_with_the_parser_in_python(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (FIXTURES / f"{code}.py").read_text(encoding="utf-8")
    compiled = judged(source, (), ["--unsafe-fixes"])
    monkeypatch.setattr(libcst, "native", native)
    assert judged(source, (), ["--unsafe-fixes"]) == compiled
    assert json.loads(compiled)["diff"]


def test_what_npm_brings_is_pinned_and_names_no_registry() -> None:
    lock = json.loads((bundle.HERE / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((bundle.HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert lock["packages"]["node_modules/pyodide"]["version"] == wanted["pyodide"]
    assert all("resolved" not in package for package in lock["packages"].values())
