"""The last look at a result before it may be written."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias

from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Remark
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.migrate.unawaited import coroutine_functions, unawaited
from flake8_async_sqla.migrate.workspace import Workspace
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.imports import source_of
from flake8_async_sqla.semantics.settings import Settings

# Gives code, line and message of each finding in files of a project: takes their absolute paths and its root.
Lint: TypeAlias = Callable[[Sequence[str], str], list[list[tuple[str, int, str]]]]


# What these say was so in the synchronous program as well; only nobody said it.
_AS_BEFORE = frozenset({"ASQ112", "ASQ207", "ASQ209", "ASQ211", "ASQ701", "ASQ705", "ASQ706", "ASQ707"})


def defects(
    workspace: Workspace, paths: Sequence[str], settings: Settings, lint: Lint, notes: list[Remark]
) -> Iterator[Remark]:
    """Yield what is wrong with a result.

    Args:
        workspace: The copy that holds the result.
        paths: The files that may have changed.
        settings: The user's options.
        lint: Our own linter.
        notes: Takes what is no defect of the migration.
    """
    changed = workspace.changed()
    for path in changed:
        try:
            compile(workspace.read(path), path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            yield Remark(path, getattr(error, "lineno", 1) or 1, f"the result does not compile: {error}")
            return
    sources = Sources(workspace.root, paths, settings)
    for module in sources.modules:
        for source, name in _missing(module):
            if source in changed and re.search(rb"\b%b\b" % name.encode(), workspace.before(source)):
                yield Remark(source, 1, f"{module.relative_path} imports {name}, which would not be there any more")
    before = {name for path in changed for name in coroutine_functions(workspace.before(path))}
    if changed:
        yield from unawaited(Kinds(sources), sources, changed, before)
    for code, remark in _found(workspace, changed, lint):
        if code in _AS_BEFORE or _forgotten_before(code, remark, before):
            notes.append(remark)
        else:
            yield remark


def _forgotten_before(code: str, remark: Remark, before: Collection[str]) -> bool:
    """Tell whether a finding says that nobody awaits what was a coroutine function, and not awaited, before."""
    called = re.search(r": ASQ\d+ (\w+)\(\)", remark.text)
    return code.startswith("ASQ3") and called is not None and called[1] in before


def _missing(module: Module) -> Iterator[tuple[str, str]]:
    """Yield the names that a module imports from others that do not have them, with the path of the other."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                target = f"{'.' * node.level}{node.module or ''}:{alias.name}"
                source = source_of(module, target) if alias.name != "*" else None
                if source is not None and not _has(source[0], source[1]):
                    yield source[0].relative_path, alias.name


def _has(module: Module, name: str) -> bool:
    top = module.index.top
    if name in top.names or top.star_imports or "__getattr__" in top.names:
        return True
    folder = os.path.dirname(module.path)
    package = os.path.basename(module.path) == "__init__.py"
    return package and any(os.path.exists(os.path.join(folder, place)) for place in (name, f"{name}.py"))


def _found(workspace: Workspace, changed: Sequence[str], lint: Lint) -> Iterator[tuple[str, Remark]]:
    places = [os.path.join(workspace.root, path) for path in changed]
    after = dict(zip(changed, lint(places, workspace.root), strict=True))
    result = {path: workspace.read(path) for path in changed}
    workspace.restore(changed)
    try:
        before = dict(zip(changed, lint(places, workspace.root), strict=True))
    finally:
        for path, source in result.items():
            workspace.write(path, source)
    for path in changed:
        known = Counter(code for code, _, _ in before[path])
        for code, line, message in after[path]:
            if known[code] > 0:
                known[code] -= 1
            else:
                yield code, Remark(path, line, f"the result has this finding of our own linter: {code} {message}")
