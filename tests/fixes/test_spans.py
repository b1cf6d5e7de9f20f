from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from flake8_async_sqla.fixes import verify
from flake8_async_sqla.fixes.apply import apply
from flake8_async_sqla.fixes.spans import Spans
from flake8_async_sqla.fixes.text import Text
from flake8_async_sqla.fixes.units import Tree
from flake8_async_sqla.fixes.vocabulary import AddAwait, AddKeyword, Code, Fix, ReplaceName

FIXTURES = sorted((Path(__file__).parents[1] / "rules" / "fixtures").glob("ASQ???.py"))
SNIPPETS = ["(yield)", "x = ((a), (b,), ())\n", "if a:\r\n\tb\r\n", "f(\n  # why\n  *a, **b)\n", "del (a), b", ""]


def sources() -> Iterator[str]:
    yield from SNIPPETS
    for path in FIXTURES[::4]:
        yield path.read_text(encoding="utf-8")


def test_spans_are_those_of_libcst() -> None:
    for source in sources():
        module = cst.parse_module(source)
        spans = Spans(module)
        assert spans.code == module.code == source
        positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
        length = [len(f"{source}\n"[:end].encode()) for end in range(len(source) + 2)]
        found = {node: (length[start], length[end]) for node, (start, end) in spans.span.items()}
        assert found == {node: (span.start, span.start + span.length) for node, span in positions.items()}
        parents = {child: node for node in positions for child in node.children}
        assert {node: spans.parent[node] for node in parents} == parents


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
