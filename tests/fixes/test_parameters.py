from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes.vocabulary import AddParameter, Code
from tests.fixes.kit import fixed, refusal

FUNCTIONS = {
    "def f(): ...\n": "def f(db: int): ...\n",
    "def f(a): ...\n": "def f(a, db: int): ...\n",
    "def f(a,): ...\n": "def f(a, db: int,): ...\n",
    "def f(a, b: str = '') -> None: ...\n": "def f(a, b: str = '', *, db: int) -> None: ...\n",
    "def f(a, *rest): ...\n": "def f(a, *rest, db: int): ...\n",
    "def f(*, a=1): ...\n": "def f(*, a=1, db: int): ...\n",
    "async def f(\n    a,\n    b,  # first\n):\n    pass\n": (
        "async def f(\n    a,\n    b,  # first\n    db: int,\n):\n    pass\n"
    ),
    "def f(\n    a,\n    b=1\n): ...\n": "def f(\n    a,\n    b=1,\n    *,\n    db: int\n): ...\n",
}


@pytest.mark.parametrize("source", FUNCTIONS)
def test_parameter_comes_last(source: str) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    new = fixed(
        source,
        lambda module: AddParameter(
            next(node for node in ast.walk(module.tree) if isinstance(node, kinds)), "db", Code("int")
        ),
    )
    assert new == FUNCTIONS[source]


@pytest.mark.parametrize("source", ["def f(**options): ...\n", "def f(db): ...\n", "def f(a, /): ...\n"])
def test_parameter_that_cannot_be_added(source: str) -> None:
    assert refusal(source, lambda module: AddParameter(module.first(ast.FunctionDef), "db", Code("int")))
