from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes.vocabulary import Code, Edit, ReplaceExpression, ReplaceStatement, WrapStatements
from tests.fixes.kit import Source, fixed

CALLS = ["make({'a': \"b\"}, f'{x}')", "make(\n        1,  # one\n        r'\\n',\n    )", "make(**{})", "make(ü='→')"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("call", CALLS)
def test_expression_of_a_removed_statement_moves_as_it_is_spelled(call: str, newline: str) -> None:
    def edits(module: Source) -> list[Edit]:
        first, *rest = module.first(ast.FunctionDef).body
        assert isinstance(first, ast.Assign)
        header = Code("with {made} as s:", nodes={"made": first.value})
        return [ReplaceStatement(first, Code("")), WrapStatements(rest[0], rest[-1], header)]

    before = f"def f():\n    s = {call}\n    s.a()\n    s.b()\n".replace("\n", newline)
    if "#" in call:
        with pytest.raises(AssertionError, match="a comment would be lost"):
            fixed(before, edits)
        before = before.replace("  # one", "")
        call = call.replace("  # one", "")
    after = f"def f():\n    with {call} as s:\n        s.a()\n        s.b()\n"
    assert fixed(before, edits) == after.replace("\n", newline)


@pytest.mark.parametrize("call", ["make({'a': \"b\"}, f'{x}')", "make(ü='→')"])
def test_replaced_expression_moves_as_it_is_spelled(call: str) -> None:
    def edits(module: Source) -> list[Edit]:
        made = module.call("make")
        statement = module.first(ast.FunctionDef).body[0]
        header = Code("with {made} as s:", nodes={"made": made})
        return [ReplaceExpression(made, Code("s")), WrapStatements(statement, statement, header)]

    assert fixed(f"def f():\n    {call}.a()\n", edits) == f"def f():\n    with {call} as s:\n        s.a()\n"
