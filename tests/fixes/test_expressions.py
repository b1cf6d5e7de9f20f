from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes.vocabulary import (
    AddAwait,
    Code,
    Edit,
    MakeAsync,
    MakeSync,
    ReplaceExpression,
    ReplaceInString,
)
from tests.fixes.kit import Source, fixed, refusal

REPLACED = [
    ("x = a", "b + c", "x = b + c"),
    ("x = a * 2", "b + c", "x = (b + c) * 2"),
    ("x = 2 - a", "b - c", "x = 2 - (b - c)"),
    ("x = a.y", "lambda: 1", "x = (lambda: 1).y"),
    ("x = (a).y", "b", "x = (b).y"),
    ("f(a)", "b if c else d", "f(b if c else d)"),
    ("f(a, 1)", "b, c", "f((b, c), 1)"),
    ("x = [a]", "(yield)", "x = [(yield)]"),
    ("return_ = not a", "b == c", "return_ = not b == c"),
    ("x = a == 1", "not b", "x = (not b) == 1"),
    ("def f(s: a = 1) -> b: ...", "X[Y]", "def f(s: X[Y] = 1) -> b: ..."),
    ("x = f'{a}'", "lambda: 1", "x = f'{(lambda: 1)}'"),
    ("x = [y for y in a]", "b if c else d", "x = [y for y in (b if c else d)]"),
]

FILLED = [
    ("x = q.y(1)", "await {it}", "x = await q.y(1)"),
    ("x = (\n    q\n    .y(1)\n)", "await {it}", "x = (\n    await q\n    .y(1)\n)"),
    ("x = q.y(1).z", "(await {it}).s()", "x = (await q.y(1)).s().z"),
]

STRINGS = [
    ("x = 'psycopg2'", "x = 'asyncpg'"),
    ('x = r"a\\psycopg2"  # psycopg2', 'x = r"a\\asyncpg"  # psycopg2'),
    ('x = "\\x41psycopg2" "psycopg2"', 'x = "\\x41asyncpg" "psycopg2"'),
    ('x = ("pg"\n     "+psycopg2://"  # c\n     "h")', 'x = ("pg"\n     "+asyncpg://"  # c\n     "h")'),
    ('x = f"{psycopg2}{{}}+psycopg2://{h}"', 'x = f"{psycopg2}{{}}+asyncpg://{h}"'),
    ('x = f"{a}" "+psycopg2" f"{b}"', 'x = f"{a}" "+asyncpg" f"{b}"'),
    ('x = """\n  psycopg2\n\t"""', 'x = """\n  asyncpg\n\t"""'),
]


@pytest.mark.parametrize(("before", "template", "after"), REPLACED)
def test_expression_gets_the_parentheses_that_precedence_asks_for(before: str, template: str, after: str) -> None:
    assert fixed(before, lambda m: ReplaceExpression(m.expr("a"), Code(template))) == after


@pytest.mark.parametrize(("before", "template", "after"), FILLED)
def test_template_keeps_the_source_of_its_nodes(before: str, template: str, after: str) -> None:
    assert (
        fixed(before, lambda m: ReplaceExpression(m.expr("q.y(1)"), Code(template, {"it": m.expr("q.y(1)")}))) == after
    )


def test_nodes_of_a_template_get_parentheses_and_edits_of_their_own() -> None:
    source = "x = f(a or  b, g())"
    code = fixed(
        source,
        lambda m: [
            ReplaceExpression(
                m.expr("f(a or b, g())"), Code("{b}[{a}.c, {{1}}]", {"a": m.expr("a or b"), "b": m.expr("g()")})
            ),
            AddAwait(m.expr("g()")),
        ],
    )
    assert code == "x = (await g())[(a or  b).c, {1}]"


def test_node_over_several_lines_is_enclosed_where_it_lands() -> None:
    source = "f(a\n  + b)"
    assert fixed(source, lambda m: ReplaceExpression(m.call("f"), Code("{s}", {"s": m.expr("a + b")}))) == "(a\n  + b)"


@pytest.mark.parametrize(("before", "after"), STRINGS)
def test_text_in_a_string_is_replaced_where_it_is_spelled(before: str, after: str) -> None:
    def make(module: Source) -> ReplaceInString:
        assignment = module.first(ast.Assign)
        assert isinstance(assignment.value, (ast.Constant, ast.JoinedStr))
        return ReplaceInString(assignment.value, "psycopg2", "asyncpg")

    assert fixed(before, make) == after


@pytest.mark.parametrize("new", ["it's", 'say "hi"', "a\\b", "two\nlines", "{braces}"])
@pytest.mark.parametrize("quote", ["'", '"', "'''", '"""', "f'{x}", 'f"""{x}'])
def test_new_text_is_escaped_for_its_literal(new: str, quote: str) -> None:
    source = f"x = {quote}old{quote.removeprefix('f').replace('{x}', '')}"
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.Assign)

    def make(module: Source) -> ReplaceInString:
        assignment = module.first(ast.Assign)
        assert isinstance(assignment.value, (ast.Constant, ast.JoinedStr))
        return ReplaceInString(assignment.value, "old", new)

    assert eval(fixed(source, make).removeprefix("x = "), {"x": 1}) == ("1" if "{x}" in quote else "") + new


def test_text_that_two_literals_share_is_refused() -> None:
    source = 'x = "psyc" "opg2"'
    reason = refusal(source, lambda m: ReplaceInString(m.first(ast.Constant), "psycopg2", "asyncpg"))
    assert reason == "'psycopg2' is not spelled out in one piece of the string"


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        ("with a as b, \\\n  c: pass", ast.With),
        ("with (\n    a as b,  # c\n): pass", ast.With),
        ("for x in y: pass", ast.For),
        ("@d\ndef f(  # a: b\n    x='d: e',\n) -> 'X: y':  # z\n    pass", ast.FunctionDef),
    ],
)
def test_statement_is_made_async(plain: str, kind: type[ast.With | ast.For | ast.FunctionDef]) -> None:
    keyword = {ast.With: "with", ast.For: "for", ast.FunctionDef: "def"}[kind]
    assert fixed(plain, lambda m: MakeAsync(m.first(kind))) == plain.replace(keyword, f"async {keyword}", 1)


def test_statements_and_comprehensions_are_made_sync() -> None:
    assert fixed("async  def f(): pass", lambda m: MakeSync(m.first(ast.AsyncFunctionDef))) == "def f(): pass"
    source = "x = [a for a in b async for c in a for d in c]"
    assert fixed(source, lambda m: MakeSync(m.first(ast.comprehension, 1))) == source.replace("async ", "")
    assert fixed("(a for a in b)", lambda m: MakeAsync(m.first(ast.comprehension))) == "(a async for a in b)"


def test_two_replacements_of_one_expression_are_refused() -> None:
    def edits(module: Source) -> list[Edit]:
        node = module.expr("a")
        return [ReplaceExpression(node, Code(f"{name}({{a}})", {"a": node})) for name in "fg"]

    assert refusal("x = a\n", edits) == "its edits overlap"
