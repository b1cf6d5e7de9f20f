"""Each template renders objects that record what is read of them; the analysis must not say more."""

from __future__ import annotations

import json
import time

import pytest

from flake8_async_sqla.semantics.flow.reads.reads import Reads
from flake8_async_sqla.semantics.jinja.rendering import rendered
from tests.sqlalchemy_versions import run

# Exactly what is read is told of these, whether the values are true or false.
EXACT = [
    "{{ a.books }}", "{{ a.books|length }}", "{{ a['books'] }}", "{{- a.name -}}", "{{ a.b.c.d }}", "plain { a.b }",
    "{% for b in a.books %}{{ b.title }}{% endfor %}",
    "{% for b in books %}{{ b.author.name }}{{ b.title|upper }}{% endfor %}",
    "{% for a in authors %}{% for b in a.books %}{{ b.title.x }}{% endfor %}{{ a.name }}{% endfor %}",
    "{% set x = a.books %}{% for y in x %}{{ y.title }}{% endfor %}",
    "{% set x %}{{ a.name }}{% endset %}{{ x.y }}",
    "{% with x = a.b, y = [a.c, 1] %}{{ x.t }}{% endwith %}",
    "{{ authors|map(attribute='name')|join(', ') }}", "{{ authors|map(attribute='name') }}",
    "{% for n in authors|map(attribute='b.name') %}{{ n }}{% endfor %}",
    "{{ authors|join(', ', attribute='name') }}", "{{ authors[0:1].name }}{{ a.b }}",
    "{{ authors.name }}{% for x in authors %}{{ x.rank }}{% endfor %}", "{{ (authors|list).name }}{{ a.c }}",
    "{{ authors|groupby('owner.name')|list }}", "{{ authors|sort(attribute='rank')|length }}",
    "{% for x in authors|sort(attribute='rank')|list %}{{ x.name }}{% endfor %}",
    "{{ a|attr('name') }}", "{{ authors[0].name }}", "{{ (authors|first).name }}",
    "{% if a.b %}{% endif %}", "{{ a.b is defined }}",
    "{{ a.b == b.c }} {{ a.d is not none }} {{ 'x' ~ a.e }} {{ a.f in [a.g] }}",
    "{{ {'x': a.q}['x'] }} {{ [a.r, (a.s, 1)] }} {{ a.t|default(a.u) }}",
    "{% filter upper %}{{ a.name }}{% endfilter %}{% autoescape true %}{{ a.b }}{% endautoescape %}",
    "{% raw %}{{ a.b }}{% endraw %}{# {{ a.c }} #}{{ a.d }}",
    "{% block one %}{{ a.name }}{% endblock %}",
    "{% include 'row' %}", "{% for b in books %}{% include 'book' %}{% endfor %}",
    "{% extends 'base' %}{{ a.never }}{% block body %}{{ a.name }}{{ super() }}{% endblock %}",
    "{% extends 'middle' %}{% block title %}{{ a.t }}{% endblock %}",
    "{% macro m(a) %}{{ a.b }}{% endmacro %}{{ a.c }}", "{% from 'macros' import a %}{{ b.name }}",
    "{% for k, v in pairs %}{{ k }}{% endfor %}{{ a.b }}",
    "{% for b in a.books recursive %}{{ b.title }}{% endfor %}",
]  # fmt: skip
# Of these at most what is certain: for true and for false values.
CERTAIN = [
    "{% if a.b %}{{ a.c }}{% else %}{{ a.d }}{% endif %}", "{{ a.b if a.c else a.d }}", "{{ a.b and a.c }}",
    "{{ a.b or a.c }}", "{% if a.b %}{% set a = b %}{% endif %}{{ a.name }}", "{{ a.b == a.c == a.d }}",
    "{% for b in books if b.ok %}{{ b.title }}{% endfor %}", "{% for b in none_here %}{{ a.b }}{% endfor %}",
    "{% for b in books %}{% if loop.first %}{{ b.title }}{% endif %}{{ b.name }}{% endfor %}",
    "{% for b in books %}{{ a.name }}{% else %}{{ a.never }}{% endfor %}", "{{ a.name() }}{{ a.b.c(a.d) }}",
    "{{ books|selectattr('a.b')|list }}", "{% for x in books|rejectattr('ok') %}{{ x.name }}{% endfor %}",
    "{% for b in a.books or [] %}{{ b.x }}{% endfor %}", "{% if not a.b %}{{ a.c }}{% elif a.d %}{% endif %}",
    "{% macro m(x) %}{{ x.b }}{% endmacro %}{{ m(a.c) }}", "{{ books[1:].name }}{{ books[a.n] }}",
    "{{ authors|sort(attribute='rank,name')|length }}",
    "{% macro m(x) %}{{ caller(x) }}{% endmacro %}{% call(x) m(a.b) %}{{ a.c }}{% endcall %}",
    "{% extends 'base' %}{% set a = b %}{% block body %}{{ a.name }}{% endblock %}",
    "{% for b in books %}{% block inner %}{{ a.name }}{{ b.title }}{% endblock %}{% endfor %}",
    "{% set a = b %}{% block inner %}{{ a.name }}{% endblock %}", "{% include ['row', 'book'] %}",
    "{% include 'nowhere' ignore missing %}{{ a.b }}", "{% include 'macros' without context %}{{ a.b }}",
    "{% with a = b.c %}{{ a.d }}{% endwith %}{{ a.e }}", "{% set a, b = b, a %}{{ a.x }}{{ b.y }}",
    "{{ -a.b ** 2 if a.c is sameas a.d }}", "{% import 'macros' as a %}{{ a.b }}",
]  # fmt: skip
BROKEN = [
    "{{ a.b", "{% if a.b %}", "{{ a.b }", "{% nonsense %}{{ a.b }}", "{{ a..b }}",
    "{% for in x %}{% endfor %}{{ a.b }}",
    "{{ a.b ? 1 }}", "{{ (a.b }}", "{% endif %}{{ a.b }}", "{% trans %}{{ a.b }}{% endtrans %}", "{{ " + "(" * 99,
    "{% extends 'nowhere' %}{% block x %}{{ a.b }}{% endblock %}", "{% extends name %}{{ a.b }}",
    "{% include 'loop' %}",
]  # fmt: skip
OTHERS = {
    "row": "{{ a.row }}",
    "book": "{{ b.title }}{{ b.author.name }}",
    "base": "{{ a.base }}{% block title %}{{ a.base_title }}{% endblock %}{% block body %}{{ a.below }}{% endblock %}",
    "middle": "{% extends 'base' %}{% block body %}{{ a.middle }}{% endblock %}",
    "macros": "{% macro a() %}{% endmacro %}",
    "loop": "{% include 'loop' %}",
}

RECORD = """
import json
import time
import sys

import jinja2

templates, others = json.loads(sys.stdin.read())

class Record:
    def __init__(self, seen, true, path=()):
        self.__dict__.update(_seen=seen, _true=true, _path=path)

    def __bool__(self):
        return self._true

    def __call__(self, *args, **kwargs):
        return ""

    def __lt__(self, other):
        return id(self) < id(other)

    def __pow__(self, other):
        return 0

    def __neg__(self):
        return self

    def __str__(self):
        return ""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        path = (*self._path, name)
        self._seen.add(".".join(path))
        if name == "books":
            return several(self._seen, self._true, path)
        return 0 if name == "n" else Record(self._seen, self._true, path)

def several(seen, true, path):
    return [Record(seen, true, path), Record(seen, true, path)]

def reads(template, true):
    seen = set()
    environment = jinja2.Environment(loader=jinja2.DictLoader({**others, "t": template}))
    names = {name: Record(seen, true, (name,)) for name in ("a", "b")}
    names |= {name: several(seen, true, (name,)) for name in ("authors", "books")}
    environment.get_template("t").render(**names, pairs=[(1, 2)], none_here=[])
    return sorted(seen)

print(json.dumps([[reads(template, True), reads(template, False)] for template in templates]))
"""


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[list[str]]]:
    templates = [*EXACT, *CERTAIN]
    code = RECORD.replace("sys.stdin.read()", repr(json.dumps([templates, OTHERS])))
    done = run("2.0", code)
    assert done.returncode == 0, done.stderr
    return dict(zip(templates, json.loads(done.stdout), strict=True))


def paths(reads: Reads, before: str = "") -> set[str]:
    found = set()
    for name, below in reads.attributes.items():
        found |= {before + name, *paths(below, f"{before}{name}.")}
    return found


def told(template: str) -> set[str]:
    variables = rendered(template, OTHERS.get)
    return {path for name, reads in variables.items() for path in paths(reads, f"{name}.")}


@pytest.mark.parametrize("template", EXACT)
def test_exactly_what_is_read(template: str, recorded: dict[str, list[list[str]]]) -> None:
    true, false = recorded[template]
    assert told(template) == set(true) == set(false)


@pytest.mark.parametrize("template", CERTAIN)
def test_only_what_is_certain(template: str, recorded: dict[str, list[list[str]]]) -> None:
    true, false = recorded[template]
    assert told(template) <= set(true) & set(false)


@pytest.mark.parametrize("template", BROKEN)
def test_nothing_of_what_is_not_understood(template: str) -> None:
    assert told(template) == set()


def test_the_sample_reads_much(recorded: dict[str, list[list[str]]]) -> None:
    assert sum(len(told(template)) for template in EXACT) > 60
    assert sum(len(told(template)) for template in CERTAIN) > 20


@pytest.mark.parametrize(
    "part", ["[0]", ".b", "|first", " or b", "(a.b,", "{% raw %}", "'", "{%", "-", " if b else c", "\\'"]
)
def test_hostile_templates_take_no_time(part: str) -> None:
    start = time.process_time()
    told("{{ a" + part * (150_000 // len(part)) + ".b }}")
    assert time.process_time() - start < 10
