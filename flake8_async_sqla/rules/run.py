"""Running the rules over one file: a cheap gate, one walk, then dispatch by subject."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

from flake8_async_sqla import INTERNAL_ERROR
from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.model import RULES, Fixer, Rule
from flake8_async_sqla.semantics import gate
from flake8_async_sqla.semantics.expectations import expected
from flake8_async_sqla.semantics.files.importers import imported_by_database_code
from flake8_async_sqla.semantics.files.memory import uncollected
from flake8_async_sqla.semantics.files.project import Project, project_of
from flake8_async_sqla.semantics.frameworks.fixtures import conftests_near
from flake8_async_sqla.semantics.inference.promising import promising
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import last_name
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.settings import Settings
from flake8_async_sqla.semantics.subjects import Subject, call_subjects
from flake8_async_sqla.semantics.types import External, Member

_TRACES = ("ession", "ngine", "Depends", "gather", "_task", "TaskGroup")
_SUBJECTS = get_args(Subject)
# Rules for awaits that are not there.
_FORGOTTEN = frozenset({"ASQ301", "ASQ302", "ASQ303", "ASQ311"})


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
        self._known: dict[tuple[type, str], tuple[Rule, ...]] = {}

    def of(self, subject: type, name: str) -> tuple[Rule, ...]:
        """Return the rules that look at calls, or attributes, of some name whatever their type is."""
        key = subject, name
        if (known := self._known.get(key)) is None:
            rules = [*self.nodes[subject], *self.named[subject].get(name, ())]
            known = self._known[key] = tuple(dict.fromkeys(rules))
        return known


# A file without SQLAlchemy's name may still wait for what another one gives, or keep it in a container.
_AT_WORK = ("async ", "await ", "dependency_injector")
# Methods of sessions, in a file that may be handed one.
_OF_SESSIONS = re.compile(r"\.(?:add_all|begin_nested|commit|flush|query|refresh|rollback|run_sync|scalars?)\(")
_TABLES: dict[frozenset[str], Table] = {}


def may_matter(text: str, project: Project, filename: str) -> bool:
    """Tell whether a file can hold a finding, from its text and that of the modules it imports.

    It can when it names SQLAlchemy or SQLModel, when it may make or use sessions of another module of the project, when
    it may call coroutines of one that uses SQLAlchemy, and when such a module, or a ``conftest.py``, may hand it a
    session.
    """
    if not gate.on or gate.names_library(text):
        return True
    traced, at_work = any(trace in text for trace in _TRACES), any(word in text for word in _AT_WORK)
    if traced and at_work:
        return True
    path = os.path.abspath(filename)
    if (traced or at_work) and project.outlines.imports_database_code(path, text):
        return True
    if at_work and "def test" in text and any(map(project.outlines.relevant, conftests_near(path, project.root))):
        return True
    return at_work and _OF_SESSIONS.search(text) is not None and imported_by_database_code(project, path)


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
        Findings in the order of the source. A rule that crashes gives one `INTERNAL_ERROR` finding for the file, and
        so does the analysis that the rules ask.
    """
    if not codes:
        return
    project = project_of(filename, settings)
    text = "".join(lines)
    if not may_matter(text, project, filename):
        return
    module = project.take(filename, tree, text, reuse=positions_only)
    with uncollected():
        found = [
            item
            for item in _dispatch(module, _table(_possible(codes, text)))
            if not expected(module, item.at, forgotten=item.code in _FORGOTTEN)
        ]
    found.sort(key=lambda item: (getattr(item.at, "lineno", 1), getattr(item.at, "col_offset", 0), item.code))
    yield from found


def _possible(codes: Collection[str], text: str) -> frozenset[str]:
    """Leave out the rules that find nothing in files without their words."""
    wanting = ((code, rule.words) for code, rule in RULES.items() if rule.words) if gate.on else ()
    return frozenset(codes).difference(code for code, words in wanting if not any(word in text for word in words))


def _table(codes: frozenset[str]) -> Table:
    if codes not in _TABLES:
        _TABLES[codes] = Table(rule for code, rule in load().items() if code in codes)
    return _TABLES[codes]


def _dispatch(module: Module, table: Table) -> list[Finding]:
    looker = _Looker(module)
    subjects = table.subjects
    looker.run(subjects.get(ast.Module, ()), module.tree)
    for scope in list(module.index.scopes.values()):
        for node in scope.nodes:
            kind = type(node)
            try:
                if kind is ast.Call:
                    _call(looker, table, node, scope)  # type: ignore[arg-type]
                elif kind is ast.Attribute:
                    looker.run(_attribute_rules(module, table, node, scope), node)  # type: ignore[arg-type]
                elif kind in subjects:
                    looker.run(subjects[kind], node)
            except (RecursionError, MemoryError):
                raise
            except Exception as error:
                looker.fail("the analysis", error)
    return looker.found


class _Looker:
    """What looks at the subjects of a module, rule by rule."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.found: list[Finding] = []
        self.failed: set[str] = set()

    def run(self, rules: Iterable[Rule], subject: object) -> None:
        for rule in rules:
            if rule.code in self.failed:
                continue
            try:
                for diagnostic in rule.check(subject, self.module):
                    self.found.append(Finding(rule.code, diagnostic.at, diagnostic.message, diagnostic.fix))
            except Exception as error:
                self.fail(rule.code, error, f" ({rule.name})")

    def fail(self, part: str, error: Exception, name: str = "") -> None:
        """Report a defect of ours, once for each part of us: it must not end the whole flake8 run."""
        if part in self.failed:
            return
        self.failed.add(part)
        at = self.module.tree.body[0] if self.module.tree.body else self.module.tree
        place = self.module.relative_path
        message = f"internal error in {part}{name} on {place}: {type(error).__name__}: {error}"
        self.found.append(Finding(INTERNAL_ERROR, at, " ".join(message.split())))


def _call(looker: _Looker, table: Table, call: ast.Call, scope: Scope) -> None:
    module, named = looker.module, table.named[ast.Call]
    rules: Iterable[Rule] = table.of(ast.Call, last_name(call.func))
    more = [rule for keyword in call.keywords if keyword.arg in named for rule in named[keyword.arg]]
    is_promising = promising(module, call.func, scope)
    if is_promising:
        callee = module.type_of(call.func)
        more.extend(table.typed[ast.Call].get(type(callee), ()))
        if isinstance(callee, External):
            more.extend(named.get(callee.path.rpartition(".")[2], ()))
        elif isinstance(callee, Member):
            more.extend(named.get(callee.name, ()))
    looker.run(dict.fromkeys([*rules, *more]) if more else rules, call)
    if is_promising and table.wants_calls:
        for subject in call_subjects(module, call):
            if (interested := table.subjects.get(type(subject))) is not None:
                looker.run(interested, subject)


def _attribute_rules(module: Module, table: Table, node: ast.Attribute, scope: Scope) -> Iterable[Rule]:
    rules, value = table.of(ast.Attribute, node.attr), node.value
    more: list[Rule] = []
    if type(value) is ast.Attribute:
        more.extend(table.named[ast.Attribute].get(value.attr, ()))
    if promising(module, value, scope):
        more.extend(table.typed[ast.Attribute].get(type(module.type_of(value)), ()))
    return dict.fromkeys([*rules, *more]) if more else rules
