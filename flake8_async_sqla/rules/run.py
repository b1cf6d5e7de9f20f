"""Running the rules over one file: a cheap gate, one walk, then dispatch by subject."""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

from flake8_async_sqla import INTERNAL_ERROR
from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.model import Diagnostic, Fixer, Rule
from flake8_async_sqla.semantics.expectations import expected
from flake8_async_sqla.semantics.gate import LIBRARIES
from flake8_async_sqla.semantics.memory import uncollected
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.project import Project, project_of
from flake8_async_sqla.semantics.promising import promising
from flake8_async_sqla.semantics.scopes import Scope
from flake8_async_sqla.semantics.settings import Settings
from flake8_async_sqla.semantics.subjects import Subject, call_subjects
from flake8_async_sqla.semantics.types import External, Member

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


class Table:
    """Rules by what they look at.

    Attributes:
        subjects: Rules by the class of node or subject, those of calls and attributes aside.
        nodes: Rules for all calls and all attributes.
        named: Rules for the calls and attributes of some names.
        typed: Rules for the calls of what has some type, and the attributes of what has it.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Sort rules."""
        self.subjects: dict[type, list[Rule]] = {}
        self.nodes: dict[type, list[Rule]] = {ast.Call: [], ast.Attribute: []}
        self.named: dict[type, dict[str, list[Rule]]] = {ast.Call: {}, ast.Attribute: {}}
        self.typed: dict[type, dict[type, list[Rule]]] = {ast.Call: {}, ast.Attribute: {}}
        for rule in rules:
            for subject in get_args(rule.subject) or (rule.subject,):
                if subject not in self.nodes:
                    self.subjects.setdefault(subject, []).append(rule)
                elif rule.names is None:
                    self.nodes[subject].append(rule)
                else:
                    for name in rule.names:
                        self.named[subject].setdefault(name, []).append(rule)
                    for kind in rule.types:
                        self.typed[subject].setdefault(kind, []).append(rule)
        self.wants_calls = any(subject in self.subjects for subject in _SUBJECTS)


_TABLES: dict[frozenset[str], Table] = {}


def may_matter(text: str, project: Project, filename: str) -> bool:
    """Tell whether a file can hold a finding, from its text and that of the modules it imports.

    It can when it names SQLAlchemy or SQLModel, when it may use sessions that another module of the project made, and
    when it may call coroutines of one that uses SQLAlchemy.
    """
    if any(library in text for library in LIBRARIES):
        return True
    if "async " not in text and "await " not in text:
        return False
    if any(trace in text for trace in _TRACES):
        return True
    return project.outlines.imports_database_code(os.path.abspath(filename), text)


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
    text = "".join(lines)
    if not may_matter(text, project, filename):
        return
    module = project.take(filename, tree, text, reuse=positions_only)
    with uncollected():
        found = [item for item in _dispatch(module, _table(frozenset(codes))) if not expected(module, item.at)]
    found.sort(key=lambda item: (getattr(item.at, "lineno", 1), getattr(item.at, "col_offset", 0), item.code))
    yield from found


def _table(codes: frozenset[str]) -> Table:
    if codes not in _TABLES:
        _TABLES[codes] = Table(rule for code, rule in load().items() if code in codes)
    return _TABLES[codes]


def _dispatch(module: Module, table: Table) -> Iterator[Finding]:
    failed: set[str] = set()
    subjects = table.subjects
    yield from _run(module, subjects.get(ast.Module, ()), module.tree, failed)
    for scope in list(module.index.scopes.values()):
        for node in scope.nodes:
            kind = type(node)
            if kind is ast.Call:
                yield from _call(module, table, node, scope, failed)  # type: ignore[arg-type]
            elif kind is ast.Attribute:
                rules = _attribute_rules(module, table, node, scope)  # type: ignore[arg-type]
                yield from _run(module, rules, node, failed)
            elif kind in subjects:
                yield from _run(module, subjects[kind], node, failed)


def _call(module: Module, table: Table, call: ast.Call, scope: Scope, failed: set[str]) -> Iterator[Finding]:
    named = table.named[ast.Call]
    rules = [*table.nodes[ast.Call], *named.get(last_name(call.func), ())]
    for keyword in call.keywords:
        if keyword.arg in named:
            rules.extend(named[keyword.arg])
    is_promising = promising(module, call.func, scope)
    if is_promising:
        callee = module.type_of(call.func)
        rules.extend(table.typed[ast.Call].get(type(callee), ()))
        if isinstance(callee, External):
            rules.extend(named.get(callee.path.rpartition(".")[2], ()))
        elif isinstance(callee, Member):
            rules.extend(named.get(callee.name, ()))
    if rules:
        yield from _run(module, dict.fromkeys(rules), call, failed)
    if is_promising and table.wants_calls:
        for subject in call_subjects(module, call):
            if (interested := table.subjects.get(type(subject))) is not None:
                yield from _run(module, interested, subject, failed)


def _attribute_rules(module: Module, table: Table, node: ast.Attribute, scope: Scope) -> Iterable[Rule]:
    named = table.named[ast.Attribute]
    rules = [*table.nodes[ast.Attribute], *named.get(node.attr, ())]
    if type(node.value) is ast.Attribute and node.value.attr in named:
        rules.extend(named[node.value.attr])
    if promising(module, node.value, scope):
        rules.extend(table.typed[ast.Attribute].get(type(module.type_of(node.value)), ()))
    return dict.fromkeys(rules)


def last_name(node: ast.expr) -> str:
    """Return the last name of what is called: ``c`` of ``a.b.c``, ``a.b[T].c`` and ``a.c()``."""
    while not isinstance(node, (ast.Attribute, ast.Name)):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return ""
    return node.attr if isinstance(node, ast.Attribute) else node.id


def _run(module: Module, rules: Iterable[Rule], subject: object, failed: set[str]) -> Iterator[Finding]:
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
