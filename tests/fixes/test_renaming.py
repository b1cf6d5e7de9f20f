from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes.vocabulary import RenameFunction
from tests.fixes.kit import fixed


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def {}(self): ...  # old\n",
        "class A:\n    @old\n    def  {} (\n        self,  # old\n    ): ...\n",
    ],
)
def test_function_gets_another_name_and_nothing_else_changes(source: str) -> None:
    renamed = fixed(source.format("old"), lambda module: RenameFunction(module.first(ast.FunctionDef), "new"))
    assert renamed == source.format("new")
