"""What fixes cost: parses of whole files, attempts, and hostile shapes."""

from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes import verify
from flake8_async_sqla.fixes.apply import apply
from flake8_async_sqla.fixes.text import Text
from flake8_async_sqla.fixes.units import Tree
from flake8_async_sqla.fixes.vocabulary import AddAwait, AddKeyword, Code, Fix, ReplaceName, WrapStatements


def many(number: int) -> bytes:
    functions = "".join(f"\nasync def f{n}(s):\n    return (s.execute({n}).scalars())\n" for n in range(number))
    return f"from m import old\n{functions}".encode()


def executions(tree: ast.Module) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "execute"]


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the whole files that were parsed."""
    sizes: list[int] = []
    parsed = verify.parsed

    def counted(text: Text) -> Tree:
        sizes.append(len(text.code))
        return parsed(text)

    monkeypatch.setattr(verify, "parsed", counted)
    return sizes


def test_many_fixes_are_verified_by_one_parse(parses: list[int]) -> None:
    source = many(100)
    tree = ast.parse(source)
    done = apply(source, tree, [Fix((AddAwait(call),)) for call in executions(tree)])
    assert len(done.applied) == 100
    assert done.source.count(b"((await s.execute(") == 100
    assert len(parses) == 1


def test_refusals_do_not_cost_a_parse_each(parses: list[int]) -> None:
    source = many(200)
    tree = ast.parse(source)
    fixes = [
        Fix((AddKeyword(call, "x", Code("1")), AddKeyword(call, "y", Code("1" if number % 2 else "("))))
        for number, call in enumerate(executions(tree))
    ]
    done = apply(source, tree, fixes)
    assert (len(done.applied), len(done.refused), len(done.deferred)) == (100, 100, 0)
    assert len(parses) <= 3


def test_an_import_costs_one_parse_more(parses: list[int]) -> None:
    source = b"from m import old\n\n\ndef f():\n    return old()\n"
    tree = ast.parse(source)
    (name,) = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    done = apply(source, tree, [Fix((ReplaceName(name, "m.new"),))])
    assert done.source == source.replace(b"old", b"new")
    assert len(parses) <= 3


def test_fixes_that_fail_together_cost_a_limited_number_of_parses(parses: list[int]) -> None:
    source = "".join(f"def f{number}():\n    a(); b({number})\n    c()\n" for number in range(300)).encode()
    tree = ast.parse(source)
    functions = [node.body for node in tree.body if isinstance(node, ast.FunctionDef)]
    header = Code("with x:")
    fixes = [Fix((WrapStatements(body[1 - number % 2], body[2], header),)) for number, body in enumerate(functions)]
    done = apply(source, tree, fixes)
    assert len(done.applied) + len(done.refused) + len(done.deferred) == 300
    assert done.applied
    assert done.refused
    assert len(parses) <= 100


def test_a_long_chain_of_branches_is_fixed() -> None:
    branches = "".join(f"    elif s == {number}:\n        s.execute()\n" for number in range(600))
    source = f"async def f(s):\n    if s:\n        pass\n{branches}".encode()
    tree = ast.parse(source)
    done = apply(source, tree, [Fix((AddAwait(call),)) for call in executions(tree)])
    assert len(done.applied) == 600
    assert done.source == source.replace(b"s.execute", b"await s.execute")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("[" + "1, " * 100_000 + "s.execute()]", "the statement is longer than 200000 characters"),
        ("s.execute()" + " + 1" * 900, "the code is nested too deeply"),
        ("s.execute()" + ".a(1)" * 300, "the code is nested too deeply"),
    ],
)
def test_hostile_statements_are_refused(value: str, reason: str) -> None:
    source = f"async def f(s):\n    x = {value}\n".encode()
    tree = ast.parse(source)
    done = apply(source, tree, [Fix((AddAwait(call),)) for call in executions(tree)])
    assert (done.source, done.refused) == (source, {0: reason})
