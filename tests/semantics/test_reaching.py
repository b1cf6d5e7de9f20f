from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.inference import bindings
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function
from tests.semantics.revealing import load, reveal, revealed

HEAD = "class A: pass\nclass B: pass\ndef f(flag, items):\n"
A, B = "app.py:A()", "app.py:B()"
BODIES: dict[str, tuple[str, list[str]]] = {
    "rebinding": ("x = A()\nreveal(x)\nx = B()\nreveal(x)", [A, B]),
    "rebinding by itself": ("x = A()\nx = x\nreveal(x)", [A]),
    "one branch": ("x = A()\nif flag:\n    x = B()\n    reveal(x)\nreveal(x)", [B, "?"]),
    "both branches": ("if flag:\n    x = A()\nelse:\n    x = B()\nreveal(x)", ["?"]),
    "both branches agree": ("if flag:\n    x = A()\nelse:\n    x = A()\nreveal(x)", [A]),
    "other branch": ("x = A()\nif flag:\n    x = B()\nelse:\n    reveal(x)", ["?"]),
    "branch then certain": ("if flag:\n    x = A()\nx = B()\nreveal(x)", [B]),
    "none first": ("x = None\nif flag:\n    x = A()\nreveal(x)", [A]),
    "loop brings the later one back": ("x = A()\nfor item in items:\n    reveal(x)\n    x = B()", ["?"]),
    "loop, certain at its start": ("for item in items:\n    x = A()\n    reveal(x)\n    x = B()\nreveal(x)", [A, "?"]),
    "while": ("x = A()\nwhile flag:\n    x = B()\nreveal(x)", ["?"]),
    "try": ("x = A()\ntry:\n    x = B()\n    reveal(x)\nexcept ValueError:\n    reveal(x)\nreveal(x)", [B, "?", "?"]),
    "try with else": ("try:\n    x = A()\nexcept ValueError:\n    raise\nelse:\n    reveal(x)", [A]),
    "finally": ("x = A()\ntry:\n    x = B()\nfinally:\n    reveal(x)", ["?"]),
    "with": ("x = A()\nwith flag:\n    x = B()\n    reveal(x)", [B]),
    "deleted and made again": ("x = A()\ndel x\nx = B()\nreveal(x)", [B]),
    "only later": ("reveal(x)\nx = A()", [A]),
    "annotated": ("x: A = flag\nreveal(x)\ny: A\ny = flag\nreveal(y)", [A, A]),
}


@pytest.mark.parametrize("name", BODIES)
def test_bindings_that_may_reach_a_use(name: str, tmp_path: Path) -> None:
    body, expected = BODIES[name]
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    assert reveal(load(tmp_path, {"app.py": HEAD + indented})) == expected


def test_a_parameter_in_a_file_that_does_not_parse_as_a_whole(tmp_path: Path) -> None:
    helpers = (
        "class A: pass\n\n\ndef f(x=None):\n    if x is None:\n        x = A()\n    return x\n\n\nclass Broken(:\n"
    )
    module = load(tmp_path, {"helpers.py": helpers, "app.py": "from helpers import f\nreveal(f)\nreveal(f())"})
    found = module.type_of(revealed(module)[0])
    assert isinstance(found, Function)
    found.module.index.complete()
    assert reveal(module) == ["helpers.py:f", "?"]


LINES = [
    "x = x",
    "x = A()",
    "print(x)",
    "for x in items:",
    "while flag:",
    "if x:",
    "with x as x:",
    "try:",
    "(x := B())",
]


def random_block(source: random.Random, depth: int) -> list[str]:
    lines: list[str] = []
    for _ in range(source.randint(1, 5)):
        line = source.choice(LINES if depth else LINES[:3])
        lines.append(line)
        if line.endswith(":"):
            lines += [f"    {inner}" for inner in random_block(source, depth - 1)]
        for after in {"try:": ["except ValueError:", "else:", "finally:"], "if x:": ["else:"]}.get(line, []):
            lines += [after, *(f"    {inner}" for inner in random_block(source, depth - 1))]
    return lines


def reached(module: Module) -> list[list[int]]:
    names = [node for node in ast.walk(module.tree) if isinstance(node, ast.Name) and node.id == "x"]
    uses = [name for name in names if isinstance(name.ctx, ast.Load)]
    found = [(module.scope_of(use).lookup("x"), use) for use in uses]
    kept = [bindings.reaching(module, scoped[1], use) for scoped, use in found if scoped is not None]
    return [[getattr(binding.node, "lineno", 0) for binding in part] for part in kept]


@pytest.mark.parametrize("seed", range(60))
def test_of_many_bindings_only_the_near_ones_are_looked_at_with_the_same_result(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = random_block(random.Random(seed), 3)
    module = load(tmp_path, {"app.py": HEAD + "".join(f"    {line}\n" for line in ["x = B()", *lines, "print(x)"])})
    monkeypatch.setattr(bindings, "FEW", 10_000)
    expected = reached(module)
    monkeypatch.setattr(bindings, "FEW", 0)
    assert reached(module) == expected


def test_the_work_grows_with_the_size_of_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    original = bindings._same_block

    def counted(module: Module, statement: ast.AST, places: bindings.Places) -> bool:
        nonlocal asked
        asked += 1
        return original(module, statement, places)

    monkeypatch.setattr(bindings, "_same_block", counted)
    body = "".join(f"    if flag:\n        x = {number}\n    x = x + 1\n" for number in range(500))
    assert len(reached(load(tmp_path, {"app.py": HEAD + body}))) == 500
    assert 500 < asked < 5_000
