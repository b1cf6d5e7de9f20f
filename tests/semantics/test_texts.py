from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.engine import text
from flake8_async_sqla.semantics.engine.given import searching
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.module import Module
from tests.semantics.revealing import load, reveal_texts, revealed

SETTINGS = """\
URL = 'settings'
HOST = 'h'
class Config:
    url = 'class'
    def __init__(self):
        self.own = 'own'
"""
TEXTS: dict[str, tuple[str, list[str] | None]] = {
    "literal": ("reveal('a')", ["a"]),
    "adjacent": ("reveal('a' 'b')", ["ab"]),
    "sum": ("reveal('a' + x + 'b')", ["a_b"]),
    "percent": ("reveal('a%s%(b)s%d' % x)", ["a___"]),
    "f-string": ("n = 'b'\nreveal(f'a{n}{x}{n!r:>3}')", ["ab__"]),
    "name": ("n = 'a'\nreveal(n)", ["a"]),
    "choice": ("reveal('a' if x else 'b')", ["a", "b"]),
    "default": ("reveal(x or 'b')", ["b"]),
    "walrus": ("reveal(n := 'a')", ["a"]),
    "environment": ("import os\nreveal(os.environ.get('X', 'a'))\n", ["a"]),
    "getenv": ("from os import getenv\nreveal(getenv('X', 'a'))\n", ["a"]),
    "imported": ("from settings import URL as u\nreveal(u)", ["settings"]),
    "star": ("from settings import *\nreveal(URL)", ["settings"]),
    "module": ("import settings\nreveal(settings.URL)", ["settings"]),
    "class": ("from settings import Config\nreveal(Config.url)", ["class"]),
    "instance": ("from settings import Config\nreveal(Config().own)", ["own"]),
    "imported by a function": ("def f():\n    from settings import HOST\n    reveal('a' + HOST)", ["ah"]),
    "rebound": ("n = 'a'\nn = 'b'\nreveal(n)", ["b"]),
    "rebound in a branch": ("n = 'a'\nif x:\n    n = unknown()\nreveal(n)", None),
    "mapping": ("m = {'k': 'a', 'l': 'b'}\nreveal(m['l'])", ["b"]),
    "mapping that changes": ("m = {'k': 'a'}\nm['k'] = 'b'\nreveal(m['k'])", ["b"]),
    "mapping that may change": ("m = {'k': 'a'}\nif x:\n    m['k'] = 'b'\nreveal(m['k'])", None),
    "mapping in a mapping": ("m = {'k': {'l': 'a'}}\nn = m['k']\nreveal(n['l'])", ["a"]),
    "percent of values": ("reveal('%s-%s' % ('a', x))", ["a-_"]),
    "percent by name": ("reveal('%(k)s' % {'k': 'a'})", ["a"]),
    "function": ("def f():\n    return 'a'\nreveal(f())", ["a"]),
    "itself": ("n = n\nreveal(n)", []),
    "unknown": ("reveal(x)", []),
    "number": ("reveal(1)", []),
    "bytes": ("reveal(b'a')", []),
}
URLS: dict[str, list[tuple[str, str]]] = {
    "'postgresql+asyncpg://u:p@h:1/db?ssl=on'": [("postgresql+asyncpg", "db")],
    "f'postgresql+asyncpg://{user}:{pw}@{host}/db'": [("postgresql+asyncpg", "db")],
    "'sqlite+aiosqlite://'": [("sqlite+aiosqlite", "")],
    "'sqlite+aiosqlite:///:memory:'": [("sqlite+aiosqlite", ":memory:")],
    "f'{driver}://h/db'": [],
    "driver + '://h/db'": [],
    "'not a url'": [],
    "''": [],
    "'a://h/x' if flag else 'b://h/y'": [("a", "x"), ("b", "y")],
    "'a://h/x' if flag else 'nothing'": [],
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_expressions(name: str, tmp_path: Path) -> None:
    source, expected = TEXTS[name]
    assert reveal_texts(load(tmp_path, {"app.py": source, "settings.py": SETTINGS})) == [expected]


@pytest.mark.parametrize("code", URLS)
def test_urls_of_expressions(code: str, tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": f"reveal({code})\n"})
    assert [(url.scheme, url.database) for url in urls(module, revealed(module)[0])] == URLS[code]


def test_what_an_object_adds_to_its_own_text_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[ast.expr] = []
    attribute = text._attribute

    def counting(module: Module, node: ast.Attribute, hops: int) -> text.Texts:
        read.append(node)
        return attribute(module, node, hops)

    monkeypatch.setattr(text, "_attribute", counting)
    calls = "\n".join(f"Query('{number}').done()" for number in range(12))
    query = """\
class Query:
    def __init__(self, sql):
        self.sql = sql

    def done(self):
        self.sql = self.sql + 'b'
        reveal(self.sql)
"""
    with searching():
        assert reveal_texts(load(tmp_path, {"app.py": f"{query}\n{calls}\n"})) == [None]
    assert len(read) <= 20


def test_texts_that_are_made_in_too_many_ways_are_unknown(tmp_path: Path) -> None:
    classes = "class A:\n    def __init__(self, s):\n        self.s = s\n"
    classes += "class B:\n    def __init__(self, a: A):\n        self.a = a\n        reveal(self.a.s)\n"
    few = "\n".join(f"B(A('{number}'))" for number in range(3))
    many = "\n".join(f"B(A('{number}'))" for number in range(300))
    with searching():
        assert reveal_texts(load(tmp_path / "few", {"app.py": f"{classes}{few}\n"})) == [["0", "1", "2"]]
        assert reveal_texts(load(tmp_path / "many", {"app.py": f"{classes}{many}\n"})) == [None]
    assert reveal_texts(load(tmp_path / "unseen", {"app.py": f"{classes}{few}\n"})) == [None]
