"""Lint and fix any number of files in memory, and count what must never happen.

`python -m flake8_async_sqla.dev reliability PATH...` looks at every Python file below the paths, with all rules on and
the gate open, so that files without SQLAlchemy are analysed too. Nothing is written.
"""

from __future__ import annotations

import ast
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from flake8_async_sqla import INTERNAL_ERROR
from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.files import parse
from flake8_async_sqla.cli.formats.changes import replacements
from flake8_async_sqla.cli.reported import File
from flake8_async_sqla.fixes.apply import apply
from flake8_async_sqla.fixes.order import owner
from flake8_async_sqla.fixes.vocabulary import Fix, InsertAfter, WrapStatements
from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.run import Finding, findings
from flake8_async_sqla.semantics.files.project import forget
from flake8_async_sqla.semantics.settings import Settings

MAX_PASSES = 10


@dataclass(slots=True)
class Counts:
    """What happened to a number of files; the last four lists must be empty.

    Attributes:
        files: Files that are Python.
        skipped: Files that are not.
        findings: Findings.
        fixed: Fixes that were made, one after the other.
        seconds: Processor time.
        crashed: Files where a rule or a fix crashed.
        broken: Files whose fixed code does not parse.
        restless: Files that a second run of the fixer changes again.
        spilled: Fixes that change a line outside the statements they name and the imports.
    """

    files: int = 0
    skipped: int = 0
    findings: int = 0
    fixed: int = 0
    seconds: float = 0.0
    crashed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    restless: list[str] = field(default_factory=list)
    spilled: list[str] = field(default_factory=list)

    @property
    def defects(self) -> list[str]:
        """All that must not happen."""
        return [*self.crashed, *self.broken, *self.restless, *self.spilled]


def examine(paths: Sequence[Path], report: Callable[[str], None] = print) -> Counts:
    """Lint and fix files in memory.

    Args:
        paths: Files and directories.
        report: Takes a line for each defect.

    Returns:
        What happened.
    """
    counts = Counts()
    start = time.process_time()
    for path in paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if file.is_file():
                examine_source(str(file), file.read_bytes(), counts)
    counts.seconds = time.process_time() - start
    for line in counts.defects:
        report(line)
    return counts


def examine_source(name: str, source: bytes, counts: Counts) -> None:
    """Lint and fix one file, and add what happens to the counts."""
    try:
        file = _parsed(name, source)
    except UserError:
        counts.skipped += 1
        return
    counts.files += 1
    try:
        found = list(_findings(file))
        counts.findings += len(found)
        counts.crashed += [f"{name}: {item.message}" for item in found if item.code == INTERNAL_ERROR]
        for finding in found:
            _alone(file, finding, counts)
        settled = _fixed(file, found, counts)
        if settled.source != source and _fixed(settled, list(_findings(settled)), Counts()).source != settled.source:
            counts.restless.append(f"{name}: a second run changes it again")
    except UserError as error:
        counts.broken.append(f"{name}: the fixed code is no Python: {error}")
    except Exception as error:
        counts.crashed.append(f"{name}: {type(error).__name__}: {error}")


def _parsed(name: str, source: bytes) -> File:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return File(name, source, *parse(name, source))


def _findings(file: File) -> Iterator[Finding]:
    """Find with all rules; the last line opens the gate and is no part of the tree."""
    forget()
    settings = replace(Settings(), root=str(Path(file.name).absolute().parent))
    return findings(file.tree, [*file.lines, "\n# sqlalchemy async def"], file.name, settings, frozenset(load()))


def _fixes(found: Sequence[Finding]) -> list[Fix]:
    built = [item.fix() for item in found if item.fix is not None]
    return [fix for fix in built if isinstance(fix, Fix) and fix.safety != "display-only"]


def _fixed(file: File, found: list[Finding], counts: Counts) -> File:
    for _ in range(MAX_PASSES):
        applied = apply(file.source, file.tree, _fixes(found))
        counts.fixed += len(applied.applied)
        if not applied.applied:
            break
        file = _parsed(file.name, applied.source)
        found = list(_findings(file))
    return file


def _alone(file: File, finding: Finding, counts: Counts) -> None:
    """Make one fix alone, and look at the lines that it changes."""
    for fix in _fixes([finding]):
        applied = apply(file.source, file.tree, [fix])
        allowed = _lines(file, fix)
        blank = {number for number, line in enumerate(file.lines, 1) if not line.strip()}
        for part in replacements(file, applied.source):
            touched = set(range(part.line, max(part.end_line, part.line + 1)))
            if not part.text.strip():
                touched -= blank
            if not allowed.issuperset(touched) and not _imports(part.text):
                counts.spilled.append(f"{file.name}:{part.line}: {finding.code} changes it from line {_line(finding)}")


def _line(finding: Finding) -> int:
    return int(getattr(finding.at, "lineno", 1))


def _lines(file: File, fix: Fix) -> set[int]:
    """List the lines that a fix may change: those of the smallest statements around its nodes and of imports."""
    lines: set[int] = set()
    for statement in (node for node in ast.walk(file.tree) if isinstance(node, (ast.Import, ast.ImportFrom))):
        lines |= _own_lines(statement)
    for edit in fix.edits:
        if isinstance(edit, WrapStatements):
            lines.update(range(edit.first.lineno, (edit.last.end_lineno or 0) + 2))
        elif isinstance(edit, InsertAfter):
            lines |= _behind(file, edit.node.end_lineno or edit.node.lineno)
        else:
            lines |= _own_lines(_smallest(file.tree, owner(edit)))
    return lines


def _behind(file: File, line: int) -> set[int]:
    """List a line, the comments behind it, and the next one."""
    last = line
    while last < len(file.lines) and file.lines[last].lstrip().startswith("#"):
        last += 1
    return set(range(line, last + 2))


def _smallest(tree: ast.Module, node: ast.AST) -> ast.stmt:
    found: ast.stmt | None = None
    for statement in ast.walk(tree):
        if isinstance(statement, ast.stmt) and any(inner is node for inner in ast.walk(statement)):
            found = statement
    assert found is not None
    return found


def _own_lines(statement: ast.stmt) -> set[int]:
    """List the lines of a statement, of a compound one those before its body, and the line behind."""
    decorators = [item.lineno for item in getattr(statement, "decorator_list", ())]
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return set(range(min([statement.lineno, *decorators]), max(last, statement.lineno) + 2))


def _imports(text: str) -> bool:
    """Tell whether new text holds nothing but imports."""
    try:
        return all(isinstance(item, (ast.Import, ast.ImportFrom)) for item in ast.parse(text).body)
    except SyntaxError:
        return False


def main(arguments: Sequence[str]) -> int:
    """Examine paths and print the counts.

    Returns:
        0 when nothing happened that must not, else 1.
    """
    counts = examine([Path(argument) for argument in arguments])
    print(
        f"{counts.files} files linted and fixed, {counts.skipped} are not Python; {counts.findings} findings, "
        f"{counts.fixed} fixes made; {len(counts.crashed)} crashes, {len(counts.broken)} broken, "
        f"{len(counts.restless)} changed by a second run, {len(counts.spilled)} changes outside the edited statements; "
        f"{counts.seconds:.0f} s of processor time"
    )
    return 1 if counts.defects else 0
