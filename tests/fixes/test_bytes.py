from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from flake8_async_sqla.fixes.apply import apply
from flake8_async_sqla.fixes.vocabulary import (
    AddAwait,
    Code,
    Edit,
    Fix,
    MakeAsync,
    ReplaceExpression,
    ReplaceInString,
    safe,
)
from tests.fixes.kit import Source, outcome, refusal

FRAMES = {
    "byte order mark": b"\xef\xbb\xbfa = '\xc3\xa9'\nx = %s\n",
    "latin-1": b"# coding: latin-1\na = '\xe9\xe8'; x = %s  # \xfc\n",
    "utf-8 cookie": b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\na = '\xf0\x9f\x90\x8d'; x = %s\n",
    "cp1252": b"# vim: set fileencoding=cp1252 :\nx = %s  # \x80\n",
    "windows": b"a = 1\r\nx = %s\r\n\r\n",
    "old mac": b"a = 1\rx = %s\r",
    "mixed": b"a = 1\r\nb = 2\n\rx = %s\n\r\n# end",
    "form feed": b"a = 1\n\x0cx = %s\n\x0c\n",
    "trailing space": b"a = 1   \n\t\n  \nx = %s  \t\n   ",
    "no last newline": b"x = %s",
    "odd separators": b"a = '\x1c \xe2\x80\xa8 \x0b'; x = %s # \xe2\x80\xa8 \x0c\n\nb\n",
    "unusual indentation": b"if a:\n x = %s\nelse:\n\t\tb\n",
    "quotes": b"a = ('x' \"y\" u'z' R\"\\d\"); x = %s;\n",
    "numbers": b"a = 0XFFl if 0 else 1_0; x = %s\n".replace(b"0XFFl", b"0XFF"),
    "continued": b"x = \\\n  %s \\\n  ;\n",
}


@pytest.mark.parametrize("case", FRAMES)
def test_nothing_outside_the_edited_node_changes(case: str) -> None:
    frame = FRAMES[case]
    done = outcome(frame.replace(b"%s", b"f( 1 ,2)"), lambda m: AddAwait(m.call("f")))
    assert done.source == frame.replace(b"%s", b"await f( 1 ,2)"), done.refused


def test_tree_of_normalized_lines_serves_as_well() -> None:
    source = b"\xef\xbb\xbfa = 1\r\nif a:\r\n    f('\xc3\xa9'); g()\r\n"
    tree = ast.parse(source.decode("utf-8-sig").replace("\r\n", "\n"))
    call = next(node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node) == "g()")
    assert apply(source, tree, [safe(AddAwait(call))]).source == source.replace(b"g()", b"await g()")


def test_character_that_the_encoding_lacks_is_refused() -> None:
    source = b"# coding: latin-1\nx = '\xe9'\n"
    reason = refusal(source, lambda m: ReplaceInString(m.first(ast.Constant), "\xe9", "\u20ac"))
    assert reason == "the new code cannot be written in the file's encoding, iso-8859-1"


def test_undecodable_source_is_refused() -> None:
    tree = ast.parse("f()")
    done = apply(b"f() # \xe9", tree, [safe(AddAwait(tree.body[0].value))])  # type: ignore[attr-defined]
    assert done.source == b"f() # \xe9"
    assert done.refused[0].startswith("the file cannot be decoded")


def test_overlapping_fixes_wait_for_the_next_pass() -> None:
    module = Source("x = f(g(1)) + h()\n")
    replace = ReplaceExpression(module.call("f"), Code("z"))
    inner, other = AddAwait(module.call("g")), AddAwait(module.call("h"))
    done = module.apply(safe(replace), safe(inner), safe(other), safe(replace))
    assert done.source == b"x = z + await h()\n"
    assert (done.applied, done.deferred, done.refused) == ((0, 2), (1, 3), {})


def test_fixes_of_one_statement_are_applied_together() -> None:
    module = Source("x = f(g(), h())\n")
    done = module.apply(*(safe(AddAwait(module.call(name))) for name in "gfh"))
    assert done.source == b"x = await f(await g(), await h())\n"
    assert done.applied == (0, 1, 2)


def test_refused_fix_does_not_hold_up_the_others() -> None:
    module = Source("x = f(  # c\n  1)\ny = g()\n")
    bad = ReplaceExpression(module.call("f"), Code("z"))
    broken = ReplaceExpression(module.expr("y", 0), Code("("))
    done = module.apply(
        safe(bad), safe(AddAwait(module.call("g"))), safe(broken), Fix((AddAwait(module.call("g")), bad))
    )
    assert done.source == b"x = f(  # c\n  1)\ny = await g()\n"
    assert done.applied == (1,)
    assert done.refused == {0: "a comment would be lost", 2: "the code to insert does not parse"}


def _await_g_and_replace_f(module: Source) -> list[Edit]:
    return [AddAwait(module.call("g")), ReplaceExpression(module.call("f"), Code("z"))]


def test_all_edits_of_a_fix_or_none() -> None:
    source = "x = f(  # c\n  1)\ny = g()\n"
    assert refusal(source, _await_g_and_replace_f) == "a comment would be lost"


def test_edits_of_one_fix_must_not_overlap() -> None:
    assert refusal("f(g())", _await_g_and_replace_f) == "its edits overlap"


def test_node_of_another_tree_is_refused() -> None:
    assert refusal("f()", lambda m: AddAwait(Source("f()").call("f"))) == "it points at a node of another tree"


def test_target_cannot_become_a_call() -> None:
    reason = refusal("x = 1", lambda m: ReplaceExpression(m.expr("x"), Code("f()")))
    assert "parse" in reason


def test_lint_path_does_not_load_libcst() -> None:
    code = "import sys, flake8_async_sqla.fixes.vocabulary; sys.exit('libcst' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the interpreter cannot parse it")
def test_function_with_type_parameters_changes() -> None:
    done = outcome("def f[T: int, **P](x: T) -> T:\n    return g(x)\n", lambda m: [MakeAsync(m.first(ast.FunctionDef))])
    assert done.source == b"async def f[T: int, **P](x: T) -> T:\n    return g(x)\n", done.refused
