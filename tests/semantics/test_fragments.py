"""Top-level statements that are found in the text are those that Python's own parser finds."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.files.fragments import fragments, starts
from flake8_async_sqla.semantics.names.index import Index

STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = ("*.py", "asyncio/*.py", "email/*.py", "json/*.py", "unittest/*.py", "xml/*/*.py", "logging/*.py")

TRICKY = {
    "code in a string": 'x = """\nclass Hidden: ...\n"""\nclass Seen: ...\n',
    "quotes in a comment": '# don\'t """\nclass Seen: ...\n# it\'s\n',
    "keywords in brackets": "x = call(\nname=1,\nother=(2),\n)\nname = 2\n",
    "backslash": "x = 1 + \\\ny\nz = 3\n",
    "decorators": "@a\n@b(\n1)\n# comment\n\n@c\nasync def f(): ...\ny = 1\n",
    "else branches": "try:\n    import a\nexcept ImportError:\n    a = 0\nelse:\n    b = 1\nfinally:\n    c\nd = 3\n",
    "two on a line": "a = 1; b = 2\nc = 3\n",
    "end of a string at the margin": "x = \"\"\"\n\"\"\".strip()\ny = f('''\n''').z\n",
    "nested quotes": "x = '\"' + \"'\" + '''\"\"\"'''\ndef f(): ...\n",
    "escaped quotes": r"""x = 'it\'s' "\""
z = 1
""",
    "no line end": "x = 1\ny = 2",
}


def lines_of(tree: ast.Module) -> list[int]:
    """Line on which each statement starts, from 0; statements that share a line count once."""
    found = [min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))]) for node in tree.body]
    return sorted({line - 1 for line in found})


def parsed(source: str) -> ast.Module | None:
    """Parse a source; ``None`` if this Python cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except SyntaxError:
            return None


@pytest.mark.parametrize("name", TRICKY)
def test_statements_start_where_the_parser_says(name: str) -> None:
    found = starts(TRICKY[name])
    assert found is not None
    assert [line for line, _ in found] == lines_of(ast.parse(TRICKY[name]))


@pytest.mark.parametrize("pattern", PACKAGES)
def test_statements_of_the_standard_library_start_where_the_parser_says(pattern: str) -> None:
    checked = 0
    for path in sorted(STANDARD_LIBRARY.glob(pattern)):
        source = path.read_text("utf-8", errors="replace").removeprefix("\ufeff")
        tree = parsed(source)
        found = starts(source)
        if tree is not None and found is not None:
            assert [line for line, _ in found] == lines_of(tree), path
            assert all(source[:offset].count("\n") == line for line, offset in found), path
            checked += 1
    assert checked


@pytest.mark.parametrize("pattern", PACKAGES[1:])
def test_parts_bind_what_the_whole_file_binds(pattern: str) -> None:
    divided = 0
    for path in sorted(STANDARD_LIBRARY.glob(pattern)):
        source = path.read_text("utf-8", errors="replace").removeprefix("\ufeff")
        tree = parsed(source)
        if tree is None:
            continue
        whole, parts = Index(source, tree), Index(source)
        divided += fragments(source) is not None
        for name, bindings in list(whole.top.names.items())[:10]:
            places = [(item.kind, item.node.lineno, item.target) for item in parts.find(name) or ()]  # type: ignore[attr-defined]
            assert places == [(item.kind, item.node.lineno, item.target) for item in bindings], (path, name)  # type: ignore[attr-defined]
        assert parts.star_imports() == whole.star_imports(), path
    assert divided


def test_a_statement_has_one_node_before_and_after_the_whole_file_is_parsed() -> None:
    index = Index("import os\nclass A:\n    x = 1\ndef f():\n    return A\n")
    (binding,) = index.find("A") or []
    assert binding.node in index.tree().body
    assert [item.node for item in index.top.names["A"]] == [binding.node]
    assert index.parent(binding.node) is index.tree()


@pytest.mark.parametrize("source", ["def f():\n    global x\n    x = 1\n", "print(x := 1)\n", "x = (\n"])
def test_files_in_doubt_are_parsed_as_a_whole(source: str) -> None:
    index = Index(source)
    found = index.find("x")
    assert bool(found) is (parsed(source) is not None)


def test_what_was_found_in_a_file_that_cannot_be_parsed_stays_all_that_is_in_it() -> None:
    index = Index("def f(names):\n    return [lambda: name for name in names]\nx = (\n")
    (binding,) = index.find("f") or []
    scopes = [*index.scopes.values()]
    assert index.tree().body == [binding.node]
    assert [node for scope in scopes for node in scope.nodes]
    assert [*index.scopes.values()] == scopes
