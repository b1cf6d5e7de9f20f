from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes.vocabulary import AddBase, Code
from tests.fixes.kit import fixed, refusal

MIXIN = Code("{mixin}", symbols={"mixin": "a.Mixin"})
CLASSES = {
    "class B(C):  # keep\n    pass\n": "class B(Mixin, C):  # keep\n    pass\n",
    "class B(\n    # first\n    C,\n    D, metaclass=M,\n): ...\n":
        "class B(\n    # first\n    Mixin, C,\n    D, metaclass=M,\n): ...\n",
    "@d\nclass B(C[int], x=1): x = 1\n": "@d\nclass B(Mixin, C[int], x=1): x = 1\n",
}  # fmt: skip


@pytest.mark.parametrize("source", CLASSES)
def test_base_comes_first_and_nothing_else_changes(source: str) -> None:
    imports = "from a import Mixin\n\n"
    assert (
        fixed(imports + source, lambda module: AddBase(module.first(ast.ClassDef), MIXIN)) == imports + CLASSES[source]
    )


def test_base_is_imported() -> None:
    source = "class B(C): ...\n"
    found = fixed(source, lambda module: AddBase(module.first(ast.ClassDef), MIXIN))
    assert found == "from a import Mixin\n\n\nclass B(Mixin, C): ...\n"


def test_base_in_parentheses_is_left_alone() -> None:
    assert refusal("class B((C)): ...\n", lambda module: AddBase(module.first(ast.ClassDef), MIXIN))
