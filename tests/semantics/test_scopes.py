from __future__ import annotations

from pathlib import Path

import pytest

from tests.semantics.revealing import load, reveal

HEAD = "class A: pass\nclass B: pass\nx = A()\n"
A, B = "app.py:A()", "app.py:B()"
SCOPES: dict[str, tuple[str, list[str]]] = {
    "global": ("def f():\n    reveal(x)", [A]),
    "local hides it": ("def f():\n    x = B()\n    reveal(x)\nreveal(x)", [B, A]),
    "parameter hides it": ("def f(x):\n    reveal(x)\ndef g(*x, **y):\n    reveal(x)", ["?", "?"]),
    "lambda's parameter hides it": ("lambda x: reveal(x)\nlambda y: reveal(x)", ["?", A]),
    "default is evaluated outside": ("def f(x=reveal(x)): pass\nlambda x=reveal(x): 1", [A, A]),
    "decorator is evaluated outside": ("@reveal(x)\ndef f(x): pass", [A]),
    "class body": ("class C:\n    x = B()\n    reveal(x)", [B]),
    "class body is not seen from its methods": ("class C:\n    x = B()\n    def m(self):\n        reveal(x)", [A]),
    "class body is not seen from its comprehensions": ("class C:\n    x = B()\n"
            "    y = [reveal(x) for _ in range(3)]", [A]),
    "class body is seen from a comprehension's first source": ("class C:\n    x = B()\n"
            "    y = [z for z in reveal(x)]", [B]),
    "nested function": ("def f():\n    x = B()\n    def g():\n        reveal(x)", [B]),
    "comprehension": ("[reveal(x) for x in [B()]]\nreveal(x)", [B, A]),
    "comprehension's first source is outside": ("[x for x in reveal(x)]", [A]),
    "comprehension's later sources are inside": ("[1 for x in [B()] for y in reveal(x)]", [B]),
    "dict comprehension": ("{reveal(k): reveal(v) for k, v in [(A(), B())]}", [A, B]),
    "walrus": ("if (y := B()):\n    reveal(y)", [B]),
    "walrus in a comprehension binds outside": ("[(y := B()) for _ in range(3)]\nreveal(y)", [B]),
    "global statement": ("def f():\n    global y\n    y = B()\ndef g():\n    reveal(y)", [B]),
    "nonlocal statement": ("def f():\n    z = None\n    def g():\n        nonlocal z\n        z = B()\n"
            "    reveal(z)", [B]),
    "with": ("with open(x) as x:\n    reveal(x)", ["?"]),
    "except": ("def f():\n    try: pass\n    except Exception as x:\n        reveal(x)", ["?"]),
    "for": ("def f():\n    for x in [B()]:\n        reveal(x)", [B]),
    "match": ("def f(y):\n    match y:\n        case [x]:\n            reveal(x)", ["?"]),
    "unpacking": ("def f():\n    x, (y, z) = B(), (A(), B())\n    reveal(x)\n    reveal(y)\n    reveal(z)", [B, A, B]),
    "starred": ("def f():\n    *x, y = [B()]\n    reveal(x)", ["?"]),
    "after a starred": ("def f(t: tuple[int, A, B]):\n    *x, y, z = t\n    reveal(y)\n    reveal(z)", [A, B]),
    "item of a tuple": ("def f(t: tuple[A, B]):\n    reveal(t[1])\n    reveal(t[-2])\n    reveal(t[9])", [B, A, "?"]),
    "tuple of any length": ("def f(t: tuple[A, ...]):\n    reveal(t[3])\n    y, z = t\n    reveal(z)", [A, A]),
    "augmented": ("def f():\n    x = B()\n    x += 1\n    reveal(x)", ["?"]),
    "instance attribute": ("class C:\n    def __init__(self):\n        self.x = B()\n    def m(self):\n"
            "        reveal(self.x)", [B]),
    "property": ("class C:\n    @property\n    def p(self):\n        return B()\n    def m(self):\n"
            "        reveal(self.p)", [B]),
    "class method": ("class C:\n    @classmethod\n    def m(cls):\n        reveal(cls)\n"
            "        reveal(cls())", ["app.py:C", "app.py:C()"]),
    "static method": ("class C:\n    @staticmethod\n    def m(self):\n        reveal(self)", ["?"]),
    "inherited": ("class C:\n    x = B()\nclass D(C): pass\nreveal(D().x)\nreveal(D.x)", [B, B]),
}  # fmt: skip


@pytest.mark.parametrize("name", SCOPES)
def test_names_mean_what_they_mean_to_python(name: str, tmp_path: Path) -> None:
    source, expected = SCOPES[name]
    assert reveal(load(tmp_path, {"app.py": HEAD + source})) == expected
