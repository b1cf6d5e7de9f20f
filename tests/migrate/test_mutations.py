"""An await that is taken out of a migrated program is missed: by the linter mostly, by the migrator's audit always."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from flake8_async_sqla.cli.migrate import lint
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.migration import ORDER
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.migrate.unawaited import unawaited
from flake8_async_sqla.semantics.files.project import forget
from flake8_async_sqla.semantics.settings import Settings
from tests.migrate.differential.grammar import program
from tests.migrate.kit import migrated, write

_SHOP = Path(__file__).parent / "projects" / "shop" / "after"


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


def _missed(root: Path) -> tuple[int, list[str], list[str]]:
    """Count the awaits of a project, and list those whose loss the linter, and the audit, do not see."""
    count, by_linter, by_audit = 0, [], []
    for file in sorted(root.rglob("*.py")):
        path, code = str(file.relative_to(root)), file.read_text(encoding="utf-8")
        for line, mutant in _mutants(code):
            file.write_text(mutant, encoding="utf-8")
            linted, audited = _seen(root, path)
            count += 1
            by_linter += [] if linted else [f"{path}:{line}"]
            by_audit += [] if audited else [f"{path}:{line}"]
        file.write_text(code, encoding="utf-8")
    return count, by_linter, by_audit


def _copy(folder: Path, root: Path) -> None:
    write(root, {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in folder.rglob("*.py")})


def test_awaits_of_the_shop(tmp_path: Path) -> None:
    _copy(_SHOP, tmp_path)
    count, by_linter, by_audit = _missed(tmp_path)
    assert count > 15
    assert by_audit == []
    # a session that only its callers tell
    assert [place.partition(":")[0] for place in by_linter] == ["shop/crud.py", "shop/crud.py"]


@pytest.mark.parametrize("seed", [3, 9])
def test_awaits_of_random_programs(seed: int, tmp_path: Path) -> None:
    done = migrated(tmp_path, program(seed), ORDER)
    for path, (_, new) in done.files.items():
        (tmp_path / path).write_bytes(new)
    count, _, by_audit = _missed(tmp_path)
    assert count > 15
    assert len(by_audit) <= 0.03 * count, by_audit
