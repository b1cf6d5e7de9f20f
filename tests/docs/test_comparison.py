from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.dev.comparison import NOTHING, PAGE, _lines, _pyright, misuses, ours, programs

HEADINGS = ("## Annotated code", "## The same code without annotations")
SPOKEN = {
    "mypy": 'case_7.py:62: error: Value of type "Coroutine[Any, Any, None]" must be used  [unused-coroutine]\n',
    "ty": "case_7.py:62:5: warning[unused-awaitable] Object of type `CoroutineType[Any, Any, None]` is not awaited\n",
    "ruff": "case_7.py:62:5: RUF006 Store a reference to the return value of `asyncio.create_task`\n",
    "flake8-async": "./case_7.py:62:5: ASYNC300 asyncio.create_task() called without saving the result\n",
    "pyrefly": "ERROR case_7.py:62:5-21: Result of async function call is unused. [unused-coroutine]\n",
}


def shown(annotated: bool) -> list[tuple[str, str]]:
    """Read the mis-uses and our column out of one of the page's tables."""
    table = PAGE.read_text(encoding="utf-8").split(HEADINGS[not annotated])[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in table.splitlines() if line.startswith("| ")]
    return [(title, found) for title, found in rows[1:] if not title.startswith("**")]


@pytest.mark.parametrize("annotated", [True, False])
def test_our_column_is_what_the_linter_says_today(annotated: bool) -> None:
    titles = [misuse.title for misuse in misuses()]
    assert shown(annotated) == list(zip(titles, map(ours, programs(annotated)), strict=True))


def test_annotated_code_with_a_misuse_is_always_reported_and_right_code_never() -> None:
    *wrong, right = [found for _, found in shown(True)]
    assert NOTHING not in wrong
    assert right == NOTHING


def test_programs_without_annotations_have_none() -> None:
    for program in programs(annotated=False):
        nodes = list(ast.walk(ast.parse(program)))
        assert not any(isinstance(node, ast.arg) and node.annotation for node in nodes)
        assert not any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns for node in nodes)


@pytest.mark.parametrize("tool", SPOKEN)
def test_reports_of_another_tool_are_read(tool: str) -> None:
    code = {"ty": "unused-awaitable", "ruff": "RUF006", "flake8-async": "ASYNC300"}.get(tool, "unused-coroutine")
    assert _lines(tool, "Found nothing\n" + SPOKEN[tool]) == [(7, 62, code)]


def test_reports_of_pyright_are_read() -> None:
    place = '"range": {"start": {"line": 61, "character": 4}}'
    report = f'{{"generalDiagnostics": [{{"file": "/a/case_7.py", "rule": "reportUnusedCoroutine", {place}}}]}}'
    assert _pyright(report) == [(7, 62, "reportUnusedCoroutine")]
