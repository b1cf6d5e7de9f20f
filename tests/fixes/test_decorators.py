from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes.vocabulary import AddDecorator, Code, Edit, InsertBefore, RemoveDecorator
from tests.fixes.kit import Source, fixed, refusal

SOURCE = """\
from contextlib import asynccontextmanager
import a

class X:
    @a.b(  # keep me
        1
    )
    @asynccontextmanager
    async def f(self): # and me
        yield 1
"""


def _removed(number: int, source: str = SOURCE) -> str:
    return fixed(source, lambda module: _edit(module, number))


def _edit(module: Source, number: int) -> RemoveDecorator:
    function = module.first(ast.AsyncFunctionDef)
    return RemoveDecorator(function, function.decorator_list[number])


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_decorator_goes_with_its_line_and_its_import(newline: str) -> None:
    source = SOURCE.replace("\n", newline)
    expected = source.replace(f"    @asynccontextmanager{newline}", "")
    expected = expected.replace(f"from contextlib import asynccontextmanager{newline}", "")
    assert _removed(1, source) == expected


def test_decorator_of_several_lines_goes_as_a_whole() -> None:
    source = SOURCE.replace("  # keep me", "")
    assert _removed(0, source) == source.replace("    @a.b(\n        1\n    )\n", "").replace("import a\n", "")


def test_decorator_with_a_comment_stays() -> None:
    assert "comment" in refusal(SOURCE, lambda module: _edit(module, 0))


def test_statement_before_a_function_that_gets_a_decorator() -> None:
    def edits(module: Source) -> list[Edit]:
        function = module.first(ast.FunctionDef)
        return [AddDecorator(function, Code("d")), InsertBefore(function, Code("x = 1"))]

    assert fixed("def f():\n    pass\n", edits) == "x = 1\n\n\n@d\ndef f():\n    pass\n"
