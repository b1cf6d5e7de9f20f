"""Nesting that Python itself still parses; what flake8's other plugins make of it is their own business."""

from __future__ import annotations

import ast
import time

import pytest
from flake8.options.parse_args import parse_args

from flake8_async_sqla.plugin import Plugin
from flake8_async_sqla.semantics.files.project import forget
from tests.plugin.running import BAD, IMPORT

SECONDS = 60
INDENTED = 95
DEEP: dict[str, str] = {
    "attributes": "x = engine" + ".a" * 900,
    "calls": "x = engine" + ".a()" * 400,
    "awaited calls": f"async def f():\n    return {'(await ' * 150}engine{'.a())' * 150}",
    "sum": f"x = create_async_engine({' + '.join(['name'] * 900)})",
    "choice": f"x = create_async_engine({' or '.join(['name'] * 5000)})",
    "subscripts": "x = engine" + "['a']" * 900,
    "lambdas": f"x = {'lambda: ' * 150}engine",
    "not": f"x = {'not ' * 900}engine",
    "ifs": "\n".join(" " * depth + "if x:" for depth in range(INDENTED)) + "\n" + " " * INDENTED + "engine.x()",
    "elifs": "if x: pass\n" + "elif x: pass\n" * 300,
    "functions": "\n".join(" " * depth + "def f():" for depth in range(INDENTED))
    + "\n"
    + " " * INDENTED
    + "engine.x()",
    "classes": "\n".join(" " * depth + "class C:" for depth in range(INDENTED)) + "\n" + " " * INDENTED + "x = engine",
    "names": "\n".join(f"a{number + 1} = a{number}" for number in range(3000)) + "\na3000.execute('')",
    "returns": "\n".join(f"def f{number}(): return f{number + 1}()" for number in range(1000)) + "\nf0().execute('')",
    "annotation": f"x: '{'(' * 150}int{')' * 150}' = 1",
    "bases": "class C0: pass\n" + "\n".join(f"class C{number + 1}(C{number}): pass" for number in range(500)),
    "aliases": "A0 = int\n" + "\n".join(f"A{number + 1} = A{number}" for number in range(500)) + "\nx: A500 = 1",
    "itself": "x = x.x(x)\nf = lambda: f()\nclass C(C): pass\ndef g(): return g()\nA = 'A'\ny: A = x",
}


def take_options() -> None:
    parse_args(["--isolated", "--select=ASQ", "--async-sqla-no-cache"])


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_costs_neither_the_findings_nor_much_time(name: str) -> None:
    source = IMPORT + BAD + DEEP[name] + "\n"
    take_options()
    forget()
    start = time.perf_counter()
    found = [
        (line, text[:6]) for line, _, text, _ in Plugin(ast.parse(source), source.splitlines(True), "app.py").run()
    ]
    assert found[0] == (2, "ASQ102")
    assert all(code != "ASQ000" for _, code in found)
    assert time.perf_counter() - start < SECONDS


def test_file_of_ten_megabytes_is_checked() -> None:
    source = IMPORT + BAD + "x = 'padding, padding, padding'\n" * 320_000
    assert len(source) > 10_000_000
    take_options()
    forget()
    found = Plugin(ast.parse(source), source.splitlines(True), "app.py").run()
    assert [text[:6] for _, _, text, _ in found] == ["ASQ102"]
    forget()
