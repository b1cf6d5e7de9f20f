from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flake8_async_sqla.cli import files, main, repair
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.cli.outcome import MAX_PASSES, Repair
from flake8_async_sqla.cli.policy import Policy
from flake8_async_sqla.cli.repair import repaired
from flake8_async_sqla.fixes.vocabulary import AddAwait, Code, Fix, Refusal, ReplaceExpression, safe, unsafe
from flake8_async_sqla.rules.run import Finding


def _fixed(call: ast.Call) -> Fix | Refusal:
    name = ast.unparse(call.func)
    match name:
        case "safe":
            return safe(ReplaceExpression(call.func, Code("done")))
        case "outer":
            return safe(ReplaceExpression(call, Code("done({a})", {"a": call.args[0]})), AddAwait(call))
        case "risky":
            return unsafe("look at it", ReplaceExpression(call.func, Code("done")))
        case "shown":
            return Fix((AddAwait(call),), "display-only", "only you know")
        case "refused":
            return Refusal("its arguments are unknown")
        case "comment":
            return safe(ReplaceExpression(call, Code("done()")))
        case "grow":
            return safe(ReplaceExpression(call, Code("grow([{a}])", {"a": call.args[0]})))
        case "crash":
            raise LookupError("no such thing")
    raise AssertionError(name)


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch) -> None:
    def findings(tree: ast.Module, _: Sequence[str], *__: Any, **___: Any) -> Iterator[Finding]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) not in ("done", "f"):
                fixer = None if ast.unparse(node.func) == "none" else partial(_fixed, node)
                yield Finding("ASQ101", node, "text", fixer)

    monkeypatch.setattr(files, "findings", findings)


def _repair(source: str, policy: Policy | None = None) -> Repair:
    return repaired("x.py", source.encode(), Configuration(["--isolated"]), policy or Policy())


def test_safe_fixes_are_applied_until_none_is_left() -> None:
    done = _repair("outer(outer(safe()))\n")
    assert done.source == b"await done(await done(done()))\n"
    assert done.fixed == Counter(ASQ101=3)


@pytest.mark.parametrize("policy", [Policy(unsafe=True), Policy(safe=("ASQ1",))])
def test_unsafe_fixes_are_counted_unless_asked_for(policy: Policy) -> None:
    left = _repair("risky()\n")
    assert (left.source, left.unsafe, left.fixed) == (b"risky()\n", 1, Counter())
    made = _repair("risky()\n", policy)
    assert (made.source, made.unsafe, made.fixed) == (b"done()\n", 0, Counter(ASQ101=1))


def test_what_is_left_has_its_reason() -> None:
    done = _repair("safe()\nshown()\nrefused()\ncomment(  # why\n)\ncrash()\nnone()\n", Policy(unsafe=True))
    assert done.source == b"done()\nshown()\nrefused()\ncomment(  # why\n)\ncrash()\nnone()\n"
    assert {item.line: reason for item, reason in done.refused} == {
        3: "its arguments are unknown",
        4: "a comment would be lost",
        6: "internal error in ASQ101: LookupError: no such thing",
    }
    assert [(item.line, reason) for item, reason in done.shown] == [(2, "only you know")]
    assert done.unfixable == 1


def test_fixes_that_never_settle_are_stopped() -> None:
    done = _repair("grow(1)\n")
    assert done.fixed == Counter(ASQ101=MAX_PASSES)
    assert done.unfinished


def test_summary_names_what_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.py").write_text("safe(); safe()\nrisky()\nshown()\nrefused()\n", encoding="utf-8")
    assert main(["fix", "x.py"]) == 0
    assert Path("x.py").read_text(encoding="utf-8") == "done(); done()\nrisky()\nshown()\nrefused()\n"
    assert capsys.readouterr().err.splitlines() == [
        "x.py:4:1: ASQ101 not fixed: its arguments are unknown",
        "x.py:3:1: ASQ101 to be fixed by hand: only you know",
        "Fixed 2 findings (ASQ101: 2).",
        "1 more can be fixed with --unsafe-fixes.",
        "2 findings left for you: 'flake8-async-sqla check' lists them.",
    ]


def test_silenced_finding_is_not_fixed_beside_one_that_is() -> None:
    assert _repair("safe()  # noqa: ASQ101\nsafe()\n").source == b"safe()  # noqa: ASQ101\ndone()\n"


def test_file_changed_by_another_fixer_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("x.py")
    path.write_text("safe()\n", encoding="utf-8")

    def meanwhile(*arguments: Any, **keywords: Any) -> Repair:
        result = repaired(*arguments, **keywords)
        path.write_text("other()\n", encoding="utf-8")
        return result

    monkeypatch.setattr(repair, "repaired", meanwhile)
    assert main(["fix", "x.py"]) == 2
    assert path.read_text(encoding="utf-8") == "other()\n"
    assert "changed while it was being fixed" in capsys.readouterr().err


def test_column_is_counted_in_characters() -> None:
    tree, lines = files.parse("x.py", "a = 'éü🐍'; none()\n".encode())
    found = files.reported("x.py", tree, lines, Configuration(["--isolated"]))
    assert [(item.line, item.column) for item in found] == [(1, 12)]
