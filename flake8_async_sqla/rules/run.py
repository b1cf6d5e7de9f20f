"""Running the rules over one file: a cheap gate, one walk, then dispatch by subject."""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, get_args

from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.model import Diagnostic, Fixer, Rule
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.project import Project, project_of
from flake8_async_sqla.semantics.settings import Settings
from flake8_async_sqla.semantics.subjects import Subject, call_subjects

INTERNAL_ERROR = "ASQ000"
_LIBRARIES = ("sqlalchemy", "sqlmodel", "alembic")
_TRACES = ("ession", "ngine", "Depends", "gather", "_task", "TaskGroup")
_SUBJECTS = get_args(Subject)


class Finding(NamedTuple):
    """A diagnostic with the code of its rule.

    Attributes:
        code: The rule's code.
        at: The node reported.
        message: What happens and what to do.
        fix: Builds the repair.
    """

    code: str
    at: ast.AST
    message: str
    fix: Fixer | None = None


Table = dict[type, list[Rule]]
_TABLES: dict[frozenset[str], Table] = {}


def may_matter(lines: Sequence[str], project: Project, filename: str) -> bool:
    """Tell whether a file can hold a finding, from its text and that of the modules it imports.

    It can when it names SQLAlchemy or SQLModel, when it may use sessions that another module of the project made, and
    when it may call coroutines of one that uses SQLAlchemy.
    """
    text = "".join(lines)
    if any(library in text for library in _LIBRARIES):
        return True
    if "async " not in text and "await " not in text:
        return False
    if any(trace in text for trace in _TRACES):
        return True
    return project.relevant.imports_database_code(os.path.abspath(filename), text)


def findings(
    tree: ast.Module,
    lines: Sequence[str],
    filename: str,
    settings: Settings,
    codes: Collection[str],
    *,
    positions_only: bool = False,
) -> Iterator[Finding]:
    """Run rules over a file.

    Args:
        tree: The file's tree.
        lines: The file's lines.
        filename: Its path; it need not exist (standard input).
        settings: The user's options.
        codes: The rules to run.
        positions_only: Whether the findings may point at nodes of an equal tree that was read before, which is
            cheaper; fixes need the nodes of ``tree`` itself.

    Yields:
        Findings in the order of the source. A rule that crashes gives one `INTERNAL_ERROR` finding for the file.
    """
    if not codes:
        return
    project = project_of(filename, settings)
    if not may_matter(lines, project, filename):
        return
    module = project.take(filename, tree, lines, reuse=positions_only)
    found = list(_dispatch(module, _table(frozenset(codes))))
    found.sort(key=lambda item: (getattr(item.at, "lineno", 1), getattr(item.at, "col_offset", 0), item.code))
    yield from found


def _table(codes: frozenset[str]) -> Table:
    if codes not in _TABLES:
        table: Table = {}
        for code, rule in load().items():
            if code in codes:
                for subject in get_args(rule.subject) or (rule.subject,):
                    table.setdefault(subject, []).append(rule)
        _TABLES[codes] = table
    return _TABLES[codes]


def _dispatch(module: Module, table: Table) -> Iterator[Finding]:
    failed: set[str] = set()
    wants_calls = any(subject in table for subject in _SUBJECTS)
    yield from _run(module, table.get(ast.Module, ()), module.tree, failed)
    for scope in list(module.index.scopes.values()):
        for node in scope.nodes:
            kind = type(node)
            if kind in table:
                yield from _run(module, table[kind], node, failed)
            if kind is ast.Call and wants_calls:
                for subject in call_subjects(module, node):  # type: ignore[arg-type]
                    if (rules := table.get(type(subject))) is not None:
                        yield from _run(module, rules, subject, failed)


def _run(module: Module, rules: Sequence[Rule], subject: object, failed: set[str]) -> Iterator[Finding]:
    for rule in rules:
        if rule.code in failed:
            continue
        try:
            for diagnostic in rule.check(subject, module):
                yield _finding(rule, diagnostic)
        except Exception as error:  # a defect of one rule must not end the whole flake8 run
            failed.add(rule.code)
            yield _crash(module, rule, error)


def _finding(rule: Rule, diagnostic: Diagnostic) -> Finding:
    return Finding(rule.code, diagnostic.at, diagnostic.message, diagnostic.fix)


def _crash(module: Module, rule: Rule, error: Exception) -> Finding:
    at = module.tree.body[0] if module.tree.body else module.tree
    message = f"internal error in {rule.code} ({rule.name}) on {module.relative_path}: {type(error).__name__}: {error}"
    return Finding(INTERNAL_ERROR, at, " ".join(message.split()))
