from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, RemoveArgument, RenameKeyword, ReplaceExpression
from tests.fixes.kit import fixed, refusal

ADDED = [
    ("f()", "f(k=1)"),
    ("f(\n)", "f(\nk=1)"),
    ("f(a)", "f(a, k=1)"),
    ("f(a,)", "f(a, k=1,)"),
    ("f(a, )", "f(a, k=1, )"),
    ("f(a, **o)", "f(a, k=1, **o)"),
    ("f(**o, b=2)", "f(k=1, **o, b=2)"),
    ("f(a, *b)", "f(a, *b, k=1)"),
    ("f(\n    a,\n    b,\n)", "f(\n    a,\n    b,\n    k=1,\n)"),
    ("f(\n    a,\n    b\n)", "f(\n    a,\n    b,\n    k=1\n)"),
    ("f(\n    a\n)", "f(\n    a,\n    k=1\n)"),
    ("f(a,\n  b)", "f(a,\n  b,\n  k=1)"),
    ("f(\r\n\ta,  # why\r\n)", "f(\r\n\ta,  # why\r\n\tk=1,\r\n)"),
    ("f(\n    a,\n    b  # why\n)", "f(\n    a,\n    b,  # why\n    k=1\n)"),
    ("f(\n    a,\n    # last\n    **o,\n)", "f(\n    a,\n    # last\n    k=1,\n    **o,\n)"),
]

REMOVED = [
    ("f(k=1)", "f()"),
    ("f(\n    k=1,\n)", "f()"),
    ("f(a, k=1)", "f(a)"),
    ("f(k=1, a=2)", "f(a=2)"),
    ("f(a, k=1, **o)", "f(a, **o)"),
    ("f(\n    a,\n    k=1,\n)", "f(\n    a,\n)"),
    ("f(\n    a,\n    k=1\n)", "f(\n    a\n)"),
    ("f(\n    a,  # first\n    k=1,\n    b=2,  # last\n)", "f(\n    a,  # first\n    b=2,  # last\n)"),
    ("f(a,\n  k=1)", "f(a)"),
    ("f(x=f(k=1), k=2)", "f(x=f(k=1))"),
]


@pytest.mark.parametrize(("before", "after"), ADDED)
def test_keyword_is_added_in_the_style_of_the_call(before: str, after: str) -> None:
    assert fixed(before, lambda module: AddKeyword(module.call("f"), "k", Code("1"))) == after


@pytest.mark.parametrize(("before", "after"), REMOVED)
def test_argument_is_removed_with_its_comma(before: str, after: str) -> None:
    def keyword(call: ast.Call) -> ast.keyword:
        return next(keyword for keyword in call.keywords if keyword.arg == "k")

    assert fixed(before, lambda module: RemoveArgument(module.call("f"), keyword(module.call("f")))) == after


def test_positional_and_starred_arguments_are_removed_together() -> None:
    before = "f(a, *b, c, k=1)"
    code = fixed(before, lambda m: [RemoveArgument(m.call("f"), m.call("f").args[n]) for n in (0, 1)])
    assert code == "f(c, k=1)"


def test_keyword_is_renamed_beside_other_edits_of_the_call() -> None:
    before = "f(pool_class = Queue , size=1)  # pool_class"
    code = fixed(
        before,
        lambda m: [
            RenameKeyword(m.call("f"), "pool_class", "poolclass"),
            ReplaceExpression(m.expr("Queue"), Code("Null")),
            RemoveArgument(m.call("f"), m.call("f").keywords[1]),
            AddKeyword(m.call("f"), "echo", Code("{q}.x", {"q": m.expr("Queue")})),
        ],
    )
    assert code == "f(poolclass = Null, echo=Null.x)  # pool_class"


def test_a_call_takes_a_keyword_once() -> None:
    assert refusal("f(k=1)", lambda m: AddKeyword(m.call("f"), "k", Code("2"))) == "the call has the keyword k already"
    reason = refusal("f(k=1, j=2)", lambda m: RenameKeyword(m.call("f"), "k", "j"))
    assert reason == "the call has the keyword j already"


def test_bare_generator_takes_no_second_argument() -> None:
    reason = refusal("f(x for x in y)", lambda m: AddKeyword(m.call("f"), "k", Code("1")))
    assert reason == "the call's only argument is a bare generator expression"


def test_argument_with_a_comment_stays() -> None:
    source = "f(\n    a,\n    k=1,  # measured\n    b=2,\n)"
    reason = refusal(source, lambda m: RemoveArgument(m.call("f"), m.call("f").keywords[0]))
    assert reason == "a comment would be lost"
