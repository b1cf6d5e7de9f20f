"""An await that is taken out of a migrated program is missed: by the linter and by the migrator's audit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flake8_async_sqla.cli.migrate import lint
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.migration import ORDER, Migration
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.migrate.unawaited import unawaited
from flake8_async_sqla.semantics.files.project import forget
from flake8_async_sqla.semantics.settings import Settings
from tests.migrate.differential.grammar import program
from tests.migrate.kit import migrated, write

_SHOP = Path(__file__).parent / "projects" / "shop" / "after"
_EXAMPLE = Path(__file__).parents[2] / "docs" / "migrating-example"


def _mutants(code: str) -> Iterator[tuple[int, str]]:
    """Yield the code without one await each, with the line of it."""
    source = code.encode()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Await):
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[node.value.lineno - 1] + node.value.col_offset
            yield node.lineno, (source[:start] + source[end:]).decode()


def _seen(root: Path, path: str) -> tuple[bool, bool]:
    """Tell whether the linter and the audit see that something is not awaited."""
    forget()
    sources = Sources(str(root), [str(file.relative_to(root)) for file in root.rglob("*.py")], Settings(root=str(root)))
    audited = any(unawaited(Kinds(sources), sources, [path], ()))
    return bool(lint([str(root / path)], str(root))[0]), audited


def _counts(root: Path, code: str, line: int) -> bool:
    """Tell whether an await matters: not in a function that nobody calls, nor where the result is only looked at."""
    around = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.AsyncFunctionDef)]
    names = [node.name for node in around if node.lineno <= line <= (node.end_lineno or line)]
    text = "".join(file.read_text(encoding="utf-8") for file in root.rglob("*.py"))
    framed = any("@" in code.splitlines()[node.lineno - 2] for node in around if node.name in names)
    called = framed or not names or len(re.findall(rf"\b{names[0]}\b", text)) > 1
    return called and "plain(" not in code.splitlines()[line - 1]


def _missed(root: Path) -> tuple[int, list[str], list[str]]:
    """Count the awaits of a project, and list those whose loss the linter, and the audit, do not see."""
    count, by_linter, by_audit = 0, [], []
    for file in sorted(root.rglob("*.py")):
        path, code = str(file.relative_to(root)), file.read_text(encoding="utf-8")
        for line, mutant in _mutants(code):
            if not _counts(root, code, line):
                continue
            file.write_text(mutant, encoding="utf-8")
            linted, audited = _seen(root, path)
            count += 1
            by_linter += [] if linted else [f"{path}:{line}"]
            by_audit += [] if audited else [f"{path}:{line}"]
        file.write_text(code, encoding="utf-8")
    return count, by_linter, by_audit


def _copy(folder: Path, root: Path) -> None:
    write(root, {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in folder.rglob("*.py")})


def _assert_missed(root: Path) -> None:
    """Assert that 97 of 100 awaits cannot be taken out unseen."""
    count, by_linter, by_audit = _missed(root)
    assert count > 8
    assert len(by_linter) <= 0.03 * count, by_linter
    assert len(by_audit) <= 0.03 * count, by_audit


def test_awaits_of_the_shop(tmp_path: Path) -> None:
    _copy(_SHOP, tmp_path)
    _assert_missed(tmp_path)


def test_awaits_of_the_worked_example(tmp_path: Path) -> None:
    files = {str(file.relative_to(_EXAMPLE)): file.read_text(encoding="utf-8") for file in _EXAMPLE.rglob("*.py")}
    _write(migrated(tmp_path, files, ORDER), tmp_path)
    _assert_missed(tmp_path)


@pytest.mark.parametrize("seed", [3, 9])
def test_awaits_of_random_programs(seed: int, tmp_path: Path) -> None:
    _write(migrated(tmp_path, program(seed), ORDER), tmp_path)
    _assert_missed(tmp_path)


def _write(done: Migration, root: Path) -> None:
    for path, (_, new) in done.files.items():
        (root / path).write_bytes(new)
