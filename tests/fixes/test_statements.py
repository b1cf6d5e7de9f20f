from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from flake8_async_sqla.fixes.vocabulary import (
    AddAwait,
    AddDecorator,
    Code,
    Fix,
    InsertAfter,
    InsertBefore,
    MakeAsync,
    RemoveDecorator,
    ReplaceExpression,
    ReplaceStatement,
    WrapStatements,
)
from tests.fixes.kit import Source, fixed, refusal

TWO_LINES = Code("if a:\n    b = {{1}}\nc = 2")

REMOVED = [
    ("a = 1\nx()\nb = 2\n", "a = 1\nb = 2\n"),
    ("a = 1\r\nx()", "a = 1\r\n"),
    ("def f():\n    x()\n", "def f():\n    pass\n"),
    ("def f():\n    x()  # why\n", "def f():\n    pass  # why\n"),
    ("if a: x()\n", "if a: pass\n"),
    ("a; x(); b\n", "a; b\n"),
    ("x(); b  # c\n", "b  # c\n"),
    ("a; x()\n", "a\n"),
    ("a; x();  # c\n", "a;  # c\n"),
    ("try:\n    a\nfinally:\n    b\n    x()\n", "try:\n    a\nfinally:\n    b\n"),
    ("\f\nx()\n\f\nb\n", "\f\n\f\nb\n"),
    ("x()\n\n\na\n", "a\n"),
    ("a\n\nx()\n\n\nb\n", "a\n\n\nb\n"),
    ("a\r\n\r\n\r\nx()\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"),
    ("a\nx()\n\nb\n", "a\n\nb\n"),
    ("x() ;\na\n", "a\n"),
    ("a; x() ;\n", "a ;\n"),
    ("x()  # why\n", "# why\n"),
    ("if a:\n    x() ;# why\n    b\n", "if a:\n    # why\n    b\n"),
    ("class A:\n  x() # ''' \n  y\n", "class A:\n  # ''' \n  y\n"),
]

REPLACED = [
    ("x()  # why\n", "if a:\n    b = {1}\nc = 2  # why\n"),
    ("if a:\n\tx()\n", "if a:\n\tif a:\n\t\tb = {1}\n\tc = 2\n"),
    ("def f():\n  x()", "def f():\n  if a:\n    b = {1}\n  c = 2"),
    ("\r\nif z:\r\n   x()\r\n", "\r\nif z:\r\n   if a:\r\n      b = {1}\r\n   c = 2\r\n"),
]

INSERTED = [
    ("x()\n", "if a:\n    b = {1}\nc = 2\nx()\n"),
    ("# top\nif a:\n\t# why\n\tx()", "# top\nif a:\n\t# why\n\tif a:\n\t\tb = {1}\n\tc = 2\n\tx()"),
]


def _statement(module: Source, code: str = "x()") -> ast.stmt:
    return next(node for node in ast.walk(module.tree) if isinstance(node, ast.stmt) and ast.unparse(node) == code)


@pytest.mark.parametrize(("before", "after"), REMOVED)
def test_statement_is_removed(before: str, after: str) -> None:
    assert fixed(before, lambda m: ReplaceStatement(_statement(m), Code(""))) == after


@pytest.mark.parametrize(("before", "after"), REPLACED)
def test_statement_is_replaced_with_the_indentation_of_the_file(before: str, after: str) -> None:
    assert fixed(before, lambda m: ReplaceStatement(_statement(m), TWO_LINES)) == after


@pytest.mark.parametrize(("before", "after"), INSERTED)
def test_statements_are_inserted(before: str, after: str) -> None:
    assert fixed(before, lambda m: InsertBefore(_statement(m), TWO_LINES)) == after


def test_definitions_stand_apart_from_what_follows() -> None:
    code = Code("def f():\n    pass")
    assert fixed("a = 1\n\n\nz\n", lambda m: InsertBefore(m.tree.body[1], code)) == (
        "a = 1\n\n\ndef f():\n    pass\n\n\nz\n"
    )
    assert fixed("class A:\n\tz\n", lambda m: InsertBefore(m.first(ast.Expr), code)) == (
        "class A:\n\tdef f():\n\t\tpass\n\n\tz\n"
    )


def test_simple_statements_join_a_shared_line() -> None:
    two = Code("a = {v}\nb = 2", {}, {"v": "m.v"})
    assert fixed("import m\nif z: x()\n", lambda m: InsertBefore(_statement(m), two)).endswith(
        "if z: a = m.v; b = 2; x()\n"
    )
    assert fixed("import m\nz; x(); y\n", lambda m: ReplaceStatement(_statement(m), two)).endswith(
        "z; a = m.v; b = 2; y\n"
    )


@pytest.mark.parametrize("source", ["if z: x()\n", "z; x()\n", "x(); z\n"])
def test_compound_statement_cannot_join_a_shared_line(source: str) -> None:
    assert "shares its line" in refusal(source, lambda m: ReplaceStatement(_statement(m), TWO_LINES))
    wrap = refusal(source, lambda m: WrapStatements(_statement(m), _statement(m), Code("with y:")))
    assert wrap == "the statements to wrap share a line with others"


def test_inserted_before_the_decorators() -> None:
    source = "class A:\n    # c\n    @a\n    # d\n    @b\n    def f(self): ...\n"
    code = fixed(source, lambda m: InsertBefore(m.first(ast.FunctionDef), Code("x = 1")))
    assert code == source.replace("    @a", "    x = 1\n\n    @a")


def test_decorator_is_nearest_to_the_def() -> None:
    source = "class A:\r\n\t@a\r\n\t# d\r\n\tdef f(self): ...\r\n"
    decorator = Code("{d}('x')", {}, {"d": "contextlib.asynccontextmanager"})
    code = fixed(
        source, lambda m: [AddDecorator(m.first(ast.FunctionDef), decorator), MakeAsync(m.first(ast.FunctionDef))]
    )
    assert code == "from contextlib import asynccontextmanager\r\n\r\n\r\n" + source.replace(
        "\tdef", "\t@asynccontextmanager('x')\r\n\tasync def"
    )


DECORATED = [
    ("@a\n@x\ndef f(): ...\n", "@a\ndef f(): ...\n"),
    ("class A:\r\n\t# c\r\n\t@x\r\n\t@b\r\n\tdef f(self): ...", "class A:\r\n\t# c\r\n\t@b\r\n\tdef f(self): ..."),
    ("@x(\n  1)\ndef f(): ...", "def f(): ..."),
]


def _x_of(module: Source) -> ast.expr:
    decorators = module.first(ast.FunctionDef).decorator_list
    return next(decorator for decorator in decorators if ast.unparse(decorator).startswith("x"))


@pytest.mark.parametrize(("before", "after"), DECORATED)
def test_decorator_is_removed_with_its_line(before: str, after: str) -> None:
    assert fixed(before, lambda m: RemoveDecorator(m.first(ast.FunctionDef), _x_of(m))) == after


def test_decorator_with_a_comment_stays() -> None:
    source = "@x  # why\ndef f(): ...\n"
    reason = refusal(source, lambda m: RemoveDecorator(m.first(ast.FunctionDef), m.expr("x")))
    assert reason == "a comment might be lost"


@pytest.mark.parametrize(("newline", "step"), [("\n", "    "), ("\r\n", "\t"), ("\r", "  ")])
def test_wrapped_statements_keep_strings_blank_lines_and_comments(newline: str, step: str) -> None:
    source = """\
def f():
>a = 1
>x()  # first

># about b
>b = '''
text
>''' + f"{a}" \\
>>+ "y\\
  z"
>if b:
>>return (
1,
>>)
>c = 3
""".replace(">", step).replace("\n", newline)
    after = """\
def f():
>a = 1
>async with open_it(a) as s:
>>x()  # first

>># about b
>>b = '''
text
>''' + f"{a}" \\
>>>+ "y\\
  z"
>>if b:
>>>return (
>1,
>>>)
>c = 3
""".replace(">", step).replace("\n", newline)

    def make(module: Source) -> WrapStatements:
        body = module.first(ast.FunctionDef).body
        return WrapStatements(body[1], body[3], Code("async with open_it({a}) as s:", {"a": module.expr("1")}))

    assert fixed(source, make) == after.replace("open_it(a)", "open_it(1)")


def test_wrap_holds_edits_of_its_statements_and_other_wraps() -> None:
    source = "def f():\n    x = g()\n    y = h(x.s)\n    return y\n"

    def make(module: Source) -> list[WrapStatements | AddAwait | ReplaceExpression | MakeAsync]:
        function = module.first(ast.FunctionDef)
        one, two, three = function.body
        return [
            WrapStatements(one, three, Code("async with a() as s:")),
            WrapStatements(two, two, Code("with b({s}):", {"s": module.expr("x")})),
            AddAwait(module.expr("g()")),
            ReplaceExpression(module.expr("x.s"), Code("s")),
            MakeAsync(function),
        ]

    assert fixed(source, make) == (
        "async def f():\n    async with a() as s:\n        x = await g()\n        with b(x):\n"
        "            y = h(s)\n        return y\n"
    )


def test_statements_of_two_blocks_cannot_be_wrapped_together() -> None:
    source = "x()\nif a:\n    y()\n"
    reason = refusal(source, lambda m: WrapStatements(_statement(m), _statement(m, "y()"), Code("with z:")))
    assert reason == "the statements to wrap are not of one block"


@pytest.mark.parametrize(
    "source",
    [
        "x(  # why\n)\n",
        "if a:\n    x(\n        # why\n    )\n",
        "z; x(  # why\n)\n",
        "class A:\n  x( # ''' \n  )\n  y\n",
    ],
)
def test_comment_is_not_lost(source: str) -> None:
    one = _statement(Source(source)).lineno == 1
    code = Code("" if one or "class" in source else "y()")
    assert refusal(source, lambda m: ReplaceStatement(_statement(m), code)) == "a comment would be lost"


def test_blocks_in_each_other_wait_for_the_next_pass() -> None:
    module = Source("def f():\n    a()\n    b()\n    c()\n    d()\n")
    function = module.first(ast.FunctionDef)
    outer, inner, behind = (
        WrapStatements(function.body[first], function.body[last], Code("with x as db:"))
        for first, last in ((0, 2), (1, 1), (3, 3))
    )
    done = module.apply(Fix((outer,)), Fix((inner,)), Fix((behind,)))
    assert (done.applied, done.deferred, done.refused) == ((0, 2), (1,), {})


def after(statement: int, code: str) -> Callable[[Source], InsertAfter]:
    return lambda source: InsertAfter(source.first(ast.FunctionDef).body[statement], Code(code))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    a\n", "    a\n    b\n"),
        ("    a", "    a\n    b"),
        ("    a  # why\n\n\nc\n", "    a  # why\n    b\n\n\nc\n"),
        ("    a; c\n", "    a; c; b\n"),
        (
            "    with a:\n        c\n        # why\n    # end\n",
            "    with a:\n        c\n        # why\n    b\n    # end\n",
        ),
        ('    a = """\n"""\n', '    a = """\n"""\n    b\n'),
        ("    if a: c\n", "    if a: c\n    b\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_insert_after(body: str, expected: str, newline: str) -> None:
    before = "def f():\n"
    result = fixed((before + body).replace("\n", newline), after(-1, "b"))
    assert result == (before + expected).replace("\n", newline)


def test_insert_after_between_statements_of_a_line() -> None:
    assert fixed("def f():\n    a; c\n", after(0, "b")) == "def f():\n    a; b; c\n"
    assert "shares its line" in refusal("def f():\n    a; c\n", after(0, "if b: c"))
    assert fixed("def f():\n    if a: c;\n", after(0, "b")) == "def f():\n    if a: c;\n    b\n"


def test_inserted_statement_keeps_its_distance_from_a_definition() -> None:
    source = "import a\n\n\n@a\ndef f():\n    pass\n"
    expected = "import a\n\n\nx = 1\n\n\n@a\ndef f():\n    pass\n"
    assert fixed(source, lambda module: InsertBefore(module.first(ast.FunctionDef), Code("x = 1"))) == expected


def test_comment_is_kept_in_several_statements_of_a_block() -> None:
    source = "if a:\n    with x():\n        y()  # why\n        z()\n"
    code = Code("def f():\n    y()  # why\n    z()\n\nf()")
    new = fixed(source, lambda m: ReplaceStatement(m.tree.body[0].body[0], code))  # type: ignore[attr-defined]
    assert new == "if a:\n    def f():\n        y()  # why\n        z()\n\n    f()\n"
