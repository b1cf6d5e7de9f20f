from __future__ import annotations

from pathlib import Path

import pytest

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
