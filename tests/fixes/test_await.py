from __future__ import annotations

import ast

import pytest

from flake8_async_sqla.fixes.vocabulary import AddAwait, RemoveAwait
from tests.fixes.kit import fixed

AWAITED = [
    ("x = f()", "x = await f()"),
    ("x = f().scalars()", "x = (await f()).scalars()"),
    ("f()()", "(await f())()"),
    ("x = f()[0]", "x = (await f())[0]"),
    ("x = f() + 1", "x = await f() + 1"),
    ("x = f() ** 2", "x = await f() ** 2"),
    ("x = 2 ** f()", "x = 2 ** await f()"),
    ("x = -f()", "x = -await f()"),
    ("x = not f()", "x = not await f()"),
    ("x = await f()", "x = await (await f())"),
    ("x = (f())", "x = (await f())"),
    ("x = (f()).y", "x = (await f()).y"),
    ("x = (  # why\n    f()\n    .all()\n)", "x = (  # why\n    (await f())\n    .all()\n)"),
    ("return_ = [f() for _ in y]", "return_ = [await f() for _ in y]"),
    ("x = {k: f() for k in y if k}", "x = {k: await f() for k in y if k}"),
    ("print(*f(), **kw)", "print(*await f(), **kw)"),
    ("x = a if f() else b", "x = a if await f() else b"),
    ("x = a and f()", "x = a and await f()"),
    ("x = a < f() < b", "x = a < await f() < b"),
    ("x = lambda: f()", "x = lambda: await f()"),
    ('x = f"{f()!r:>{w}} {{}}"', 'x = f"{await f()!r:>{w}} {{}}"'),
    ('x = f"{a:{f()}}"', 'x = f"{a:{await f()}}"'),
    ('x = "a" f"{b} {f()}" "c"', 'x = "a" f"{b} {await f()}" "c"'),
    ('x = f"""\n{a}\n  {f()}"""', 'x = f"""\n{a}\n  {await f()}"""'),
    ("if f(): pass", "if await f(): pass"),
    ("if a:\n    pass\nelif f():\n    pass", "if a:\n    pass\nelif await f():\n    pass"),
    ("while f():\n    pass", "while await f():\n    pass"),
    ("for x in f(): pass", "for x in await f(): pass"),
    ("with f() as x, g():\n    pass", "with await f() as x, g():\n    pass"),
    ("assert f(), 'no'", "assert await f(), 'no'"),
    ("try: f()\nexcept E: pass", "try: await f()\nexcept E: pass"),
    ("try: pass\nexcept f() as e: pass", "try: pass\nexcept await f() as e: pass"),
    ("match f():\n    case 1: pass", "match await f():\n    case 1: pass"),
    ("match a:\n    case 1 if f(): pass", "match a:\n    case 1 if await f(): pass"),
    ("def g(a=f()): pass", "def g(a=await f()): pass"),
    ("@f()\ndef g(): pass", "@await f()\ndef g(): pass"),
    ("class A(f(), k=1):  # a: b\n    x = 1", "class A(await f(), k=1):  # a: b\n    x = 1"),
    (
        "class A:\n    @a\n    # c\n    @f()\n    def g(self): ...",
        "class A:\n    @a\n    # c\n    @await f()\n    def g(self): ...",
    ),
    ("a(); f(); b()", "a(); await f(); b()"),
    ("x = 1 + \\\n    f() + \\\n\t2", "x = 1 + \\\n    await f() + \\\n\t2"),
    ("x: int = f()", "x: int = await f()"),
    ("x[f()] += 1", "x[await f()] += 1"),
    ("x[f():2]", "x[await f():2]"),
    ("x = y = f(), 1", "x = y = await f(), 1"),
    ("(z := f())", "(z := await f())"),
    ("def g():\n\tif a:\n\t\treturn f()  # tab", "def g():\n\tif a:\n\t\treturn await f()  # tab"),
]

UNAWAITED = [
    ("await f()", "f()"),
    ("x = (await f()).all()", "x = f().all()"),
    ("x = (await (a or b)).all()", "x = (a or b).all()"),
    ("x = await (a or b)", "x = (a or b)"),
    ("x = (  # c\n    await f()\n).all()", "x = (  # c\n    f()\n).all()"),
    ("x = [await  f() for _ in y]", "x = [f() for _ in y]"),
    ("x = -await f()", "x = -f()"),
    ("return_ = await \\\n    f()", "return_ = f()"),
]


@pytest.mark.parametrize(("before", "after"), AWAITED)
@pytest.mark.parametrize("frame", ["{}", "{}\n", "# é\nasync def e(): return 'ü'\n\n{}\n"])
def test_await_is_added_with_the_parentheses_it_needs(before: str, after: str, frame: str) -> None:
    code = fixed(frame.replace("{}", before), lambda module: AddAwait(module.expr("f()")))
    assert code == frame.replace("{}", after)


@pytest.mark.parametrize(("before", "after"), UNAWAITED)
def test_await_is_removed(before: str, after: str) -> None:
    assert fixed(before, lambda module: RemoveAwait(module.first(ast.Await))) == after


def test_nested_awaits_belong_to_one_fix() -> None:
    code = fixed("x = f(g(h()).a).b", lambda m: [AddAwait(m.call(n)) for n in ("f", "g", "h")])
    assert code == "x = (await f((await g(await h())).a)).b"


def test_equal_calls_in_one_f_string_are_told_apart() -> None:
    source = 'x = f"{f()} {a} {f()} {f().b}"'
    assert fixed(source, lambda m: AddAwait(m.expr("f()", 1))) == 'x = f"{f()} {a} {await f()} {f().b}"'
