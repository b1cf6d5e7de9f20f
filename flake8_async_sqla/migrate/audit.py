"""The last look at a result before it may be written."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.migrate.workspace import Workspace
from flake8_async_sqla.semantics.imports import source_of
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.settings import Settings

# Gives code, line and message of each finding in files of a project: takes their absolute paths and its root.
Lint: TypeAlias = Callable[[Sequence[str], str], list[list[tuple[str, int, str]]]]


def defects(workspace: Workspace, paths: Sequence[str], settings: Settings, lint: Lint) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a result: the file, and the reason.

    Args:
        workspace: The copy that holds the result.
        paths: The files that may have changed.
        settings: The user's options.
        lint: Our own linter.
    """
    changed = workspace.changed()
    for path in changed:
        try:
            compile(workspace.read(path), path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            yield path, f"the result does not compile: {error}"
            return
    sources = Sources(workspace.root, paths, settings)
    for module in sources.modules:
        for source, name in _missing(module):
            if source in changed and re.search(rb"\b%b\b" % name.encode(), workspace.before(source)):
                yield source, f"{module.relative_path} imports {name}, which would not be there any more"
    yield from _found(workspace, changed, lint)


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


def _found(workspace: Workspace, changed: Sequence[str], lint: Lint) -> Iterator[tuple[str, str]]:
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
                yield path, f"the result has a finding of our own linter in line {line}: {code} {message}"
