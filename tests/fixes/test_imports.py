from __future__ import annotations

import pytest

from flake8_async_sqla.fixes.vocabulary import Code, Edit, ReplaceExpression, ReplaceName
from tests.fixes.kit import Source, fixed, refusal


def _f(module: Source) -> Edit:
    return ReplaceExpression(module.expr("old()"), Code("{new}()", symbols={"new": "m.n.f"}))


def _pool(module: Source) -> Edit:
    return ReplaceName(module.call("e").args[0], "p.New")


REACHED = {
    "from": ("from m.n import f\nold()", "from m.n import f\nf()"),
    "from as": ("from m.n import f as g\nold()", "from m.n import f as g\ng()"),
    "import": ("import m.n\nold()", "import m.n\nm.n.f()"),
    "import as": ("import m.n as mn\nold()", "import m.n as mn\nmn.f()"),
    "module from": ("from m import n\nold()", "from m import n\nn.f()"),
    "module from as": ("from m import n as k\nold()", "from m import n as k\nk.f()"),
    "several": ("import m.n as k\nfrom m.n import f\nold()", "import m.n as k\nfrom m.n import f\nf()"),
    "in function": ("def a():\n    from m.n import f\n    old()", "def a():\n    from m.n import f\n    f()"),
    "try": (
        "try:\n    from m.n import f\nexcept E:\n    raise\nold()",
        "try:\n    from m.n import f\nexcept E:\n    raise\nf()",
    ),
    "local hides it": (
        "import m.n\nfrom m.n import f\ndef a(f): old()",
        "import m.n\nfrom m.n import f\ndef a(f): m.n.f()",
    ),
}

ADDED = {
    "later import": ("old()\nfrom m.n import f\n", "from m.n import f\n\nf()\nfrom m.n import f\n"),
    "other function": (
        "import m\ndef a():\n    from m.n import f\ndef b(): old()",
        "import m\nfrom m.n import f\ndef a():\n    from m.n import f\ndef b(): f()",
    ),
    "type checking": (
        "from t import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from m.n import f\n\nold()\n",
        "from m.n import f\nfrom t import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from m.n import f\n\nf()\n",
    ),
    "extend": ("from m.n import a\nold()", "from m.n import a, f\nf()"),
    "extend sorted": ("from m.n import A, e, g as z  # c\nold()", "from m.n import A, e, f, g as z  # c\nf()"),
    "extend first": (
        "from m.n import (\n    g,\n    h,\n)\nold()",
        "from m.n import (\n    f,\n    g,\n    h,\n)\nf()",
    ),
    "extend last": (
        "from m.n import (\n    a,\n    b,  # c\n)\nold()",
        "from m.n import (\n    a,\n    b,  # c\n    f,\n)\nf()",
    ),
    "no last comma": ("from m.n import (\n    a,\n    b\n)\nold()", "from m.n import (\n    a,\n    b,\n    f\n)\nf()"),
    "closed on line": ("from m.n import (a,\n    b,)\nold()", "from m.n import (a,\n    b,\n    f,)\nf()"),
    "one line list": ("from m.n import (a, g)\nold()", "from m.n import (a, f, g)\nf()"),
    "backslash": ("from m.n import a, \\\n    g\nold()", "from m.n import a, \\\n    f, g\nf()"),
    "unsorted": ("from m.n import z, a\nold()", "from m.n import z, a, f\nf()"),
    "star": ("from m.n import *\nold()", "from m.n import *\nfrom m.n import f\nf()"),
    "crlf": ("from m.n import (\r\n\ta,\r\n)\r\nold()", "from m.n import (\r\n\ta,\r\n\tf,\r\n)\r\nf()"),
    "sibling": (
        "import os\n\nimport m\nfrom a import b\nfrom m.o import c\n\nfrom . import d\n\nold()\n",
        "import os\n\nimport m\nfrom a import b\nfrom m.n import f\nfrom m.o import c\n\nfrom . import d\n\nf()\n",
    ),
    "third party": (
        "import os\n\nimport z\n\nfrom .a import b\nold()",
        "import os\n\nimport z\nfrom m.n import f\n\nfrom .a import b\nf()",
    ),
    "standard library": ("import os\nimport re\nold()", "import os\nimport re\n\nfrom m.n import f\n\nf()"),
    "relative": ("from .a import b\nold()", "from m.n import f\n\nfrom .a import b\nf()"),
    "future": (
        '"""Doc."""\nfrom __future__ import division\n\nold()',
        '"""Doc."""\nfrom __future__ import division\n\nfrom m.n import f\n\nf()',
    ),
    "docstring": ('"""Doc."""\n\nold()', '"""Doc."""\n\nfrom m.n import f\n\nf()'),
    "shebang": ("#!/usr/bin/python\n# Licence\n\nold()", "#!/usr/bin/python\n# Licence\n\nfrom m.n import f\n\nf()"),
    "path first": (
        "import m\nsys.path.insert(0)\nimport m.o\nold()",
        "import m\nfrom m.n import f\nsys.path.insert(0)\nimport m.o\nf()",
    ),
    "used between": ("import m\nold()\nimport m.z", "import m\nfrom m.n import f\nf()\nimport m.z"),
    "by module name": (
        "import a as z\nfrom m.a import b\nfrom x import y\nold()",
        "import a as z\nfrom m.a import b\nfrom m.n import f\nfrom x import y\nf()",
    ),
    "name taken": ("f = 1\nold()", "import m.n\n\nf = 1\nm.n.f()"),
    "parameter of that name": ("import os\ndef g(f): old()", "import os\n\nimport m.n\n\ndef g(f): m.n.f()"),
    "last line": ("def g(): old()\nimport m", "def g(): f()\nimport m\nfrom m.n import f"),
}


@pytest.mark.parametrize("case", REACHED)
def test_module_reaches_the_object_already(case: str) -> None:
    before, after = REACHED[case]
    assert fixed(before, _f) == after


@pytest.mark.parametrize("case", ADDED)
def test_import_is_added_where_isort_would(case: str) -> None:
    before, after = ADDED[case]
    assert fixed(before, _f) == after


REMOVED = {
    "whole": ("from o import Q\nx = 1\ne(Q)", "from p import New\nx = 1\ne(New)"),
    "replaced in place": ("from p import Old\n\ne(Old)", "from p import New\n\ne(New)"),
    "first of list": (
        "from o import Q, R\nfrom p import New\ne(Q, R)",
        "from o import R\nfrom p import New\ne(New, R)",
    ),
    "last of list": (
        "from o import R, Q as S  # c\nfrom p import New\ne(S, R)",
        "from o import R  # c\nfrom p import New\ne(New, R)",
    ),
    "own line": (
        "from o import (\n    A,\n    Q,\n    R,  # c\n)\nfrom p import New\ne(Q, A, R)",
        "from o import (\n    A,\n    R,  # c\n)\nfrom p import New\ne(New, A, R)",
    ),
    "last line": (
        "from o import (\n    A,\n    Q,\n)\nfrom p import New\ne(Q, A)",
        "from o import (\n    A,\n)\nfrom p import New\ne(New, A)",
    ),
    "module": ("import o.q as q, r\nimport p\ne(q.Q, r)", "import r\nimport p\ne(p.New, r)"),
    "alone in if": (
        "from p import New\nif a:\n    from o import Q\ne(Q)",
        "from p import New\nif a:\n    pass\ne(New)",
    ),
    "in function": (
        "from p import New\ndef f():\n    from o import Q\n    e(Q)",
        "from p import New\ndef f():\n    e(New)",
    ),
    "shared line": ("from p import New; from o import Q\ne(Q)", "from p import New\ne(New)"),
    "prose": ("'Uses Q well.'\nfrom o import Q\nfrom p import New\ne(Q)", "'Uses Q well.'\nfrom p import New\ne(New)"),
}

KEPT = {
    "used elsewhere": "from o import Q\nfrom p import New\ne(Q)\nQ\n",
    "attribute": "import o\nfrom p import New\ne(o.Q)\no.R\n",
    "re-export": "from o import Q as Q\nfrom p import New\ne(Q)\n",
    "all": "from o import Q\nfrom p import New\n__all__ = ['Q']\ne(Q)\n",
    "string annotation": "from o import Q\nfrom p import New\ne(Q)\nx: 'list[Q]'\n",
    "type comment": "from o import Q\nfrom p import New\ne(Q)\nx = 1  # type: Q\n",
    "noqa": "from o import Q  # noqa: F401\nfrom p import New\ne(Q)\n",
    "comment": "from o import Q  # the queue\nfrom p import New\ne(Q)\n",
    "comment in list": "from o import (\n    Q,  # the queue\n    R,\n)\nfrom p import New\ne(Q, R)\n",
    "fallback": "try:\n    from o import Q\nexcept E:\n    Q = 1\nfrom p import New\ne(Q)\n",
    "never used": "from o import R\nfrom p import New\nfrom z import Q\ne(Q)\nQ\n",
}


@pytest.mark.parametrize("case", REMOVED)
def test_import_without_a_use_is_removed(case: str) -> None:
    before, after = REMOVED[case]
    assert fixed(before, _pool) == after


@pytest.mark.parametrize("case", KEPT)
def test_import_stays(case: str) -> None:
    before = KEPT[case]
    head, call, rest = before.partition("e(")
    argument = rest[: min(rest.index(end) for end in ",)" if end in rest)]
    assert fixed(before, _pool) == f"{head}{call}New{rest.removeprefix(argument)}"


def test_name_that_is_taken_twice_over_is_refused() -> None:
    assert refusal("m = f = 1\nold()", _f) == "the name f is taken by something else"
    assert refusal("def g(m, f): old()", _f) == "the name f is taken by something else"


def test_builtin_is_not_shadowed() -> None:
    source = "old()\nprint(1)\n"
    make = lambda m: ReplaceExpression(m.expr("old()"), Code("{p}()", symbols={"p": "rich.print"}))  # noqa: E731
    assert fixed(source, make) == "import rich\n\nrich.print()\nprint(1)\n"


def test_annotation_that_is_not_evaluated_uses_the_type_checking_import() -> None:
    source = "from __future__ import annotations\nif TYPE_CHECKING:\n    from m.n import f\ndef a(b: old): ...\n"
    code = fixed(source, lambda m: ReplaceName(m.expr("old"), "m.n.f"))
    assert code == source.replace("old", "f")


def test_two_objects_of_one_module_are_imported_together() -> None:
    code = fixed("x(a, b)\n", lambda m: [ReplaceName(m.expr("a"), "m.z"), ReplaceName(m.expr("b"), "m.y")])
    assert code == "from m import y, z\n\nx(z, y)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import re\n\nimport m\nold()", "import re\nfrom contextlib import closing\n\nimport m\nclosing()"),
        ("import m\nold()", "from contextlib import closing\n\nimport m\nclosing()"),
    ],
)
def test_standard_library_is_imported_in_its_own_group(before: str, after: str) -> None:
    edit = Code("{new}()", symbols={"new": "contextlib.closing"})
    assert fixed(before, lambda module: ReplaceExpression(module.expr("old()"), edit)) == after


@pytest.mark.parametrize(
    ("source", "new"),
    [
        ("old()\n", "import asyncio\n\nasyncio.run(old())\n"),
        ("import asyncio as aio\nold()\n", "import asyncio as aio\naio.run(old())\n"),
        ("import asyncio.events\nold()\n", "import asyncio.events\nasyncio.run(old())\n"),
        ("import os\ndef f(request): old()\n", "import asyncio\nimport os\ndef f(request): asyncio.run(old())\n"),
    ],
)
def test_top_level_module(source: str, new: str) -> None:
    def run(module: Source) -> Edit:
        call = module.expr("old()")
        return ReplaceExpression(call, Code("{asyncio}.run({call})", {"call": call}, {"asyncio": "asyncio"}))

    assert fixed(source, run) == new


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import p\nfrom q import Old\nfrom r import Old, x\ne(Old)", "import p\nfrom r import x\ne(p.New)"),
        (
            "import p\ntry:\n    from q import Old\nexcept E:\n    raise\nfrom r import Old\ne(Old)",
            "import p\ntry:\n    from q import Old\nexcept E:\n    raise\nfrom r import Old\ne(p.New)",
        ),
    ],
)
def test_name_that_is_imported_twice(before: str, after: str) -> None:
    assert fixed(before, _pool) == after
