"""The modules that import a module: one bounded look over the project's files, taken only when a rule asks."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from flake8_async_sqla.semantics.files.source import look_below, python_files, read_bytes
from flake8_async_sqla.semantics.module import Module

if TYPE_CHECKING:
    from flake8_async_sqla.semantics.files.project import Project


def importers(module: Module) -> list[Module]:
    """List the modules that import a module, directly or through a package that re-exports it."""
    look_below(module.project.root)
    owner = ("importers", module.path)
    return module.cached("importers", lambda: _importers(module), owner)


def dependents(module: Module) -> list[Module]:
    """List a module, the modules that import it, and those that import these: a factory, its dependency, its routes."""
    near = importers(module)
    far = [other for place in near for other in importers(place)]
    return list(dict.fromkeys([module, *near, *far]))


def neighbours(module: Module) -> list[Module]:
    """List the modules that import a module, and the others that these import: parts of one application."""
    project = module.project
    near = importers(module)
    paths = [path for place in near for path in project.outlines.imports(place.path)]
    beside = [place for path in dict.fromkeys(paths) if (place := project.load(path)) is not None]
    return [place for place in dict.fromkeys([*near, *beside]) if place != module]


def imported_by_database_code(project: Project, path: str) -> bool:
    """Tell whether a file that names SQLAlchemy or SQLModel imports a file.

    Args:
        project: The project.
        path: The file that is imported.
    """
    look_below(project.root)
    return any(project.outlines[other].database for other in _importing(project, path))


def _importers(module: Module) -> list[Module]:
    found = _importing(module.project, module.path)
    return [other for path in found if (other := module.project.load(path)) is not None]


def _importing(project: Project, path: str) -> list[str]:
    table = _table(project)
    found: dict[str, None] = {}
    for target in [path, *_reexporters(project, path, table)]:
        for other in sorted(table.get(_stem(target), set()) | table.get(_folder(target), set())):
            if other != path and target in project.outlines.imports(other):
                found.setdefault(other)
    return [*found]


def _reexporters(project: Project, path: str, table: dict[str, set[str]]) -> list[str]:
    package = os.path.join(os.path.dirname(path), "__init__.py")
    if package == path or package not in table.get(_stem(path), ()):
        return []
    return [package] if path in project.outlines.imports(package) else []


def _stem(path: str) -> str:
    name = os.path.splitext(os.path.basename(path))[0]
    return _folder(path) if name == "__init__" else name


def _folder(path: str) -> str:
    return os.path.basename(os.path.dirname(path))


def _table(project: Project) -> dict[str, set[str]]:
    """Map the last part of every imported module's name to the files that import it."""
    if project.importers is None:
        project.importers = {}
        for path in python_files(project.root):
            for source, _ in project.outlines[path].sources:
                name = source.rpartition(".")[2] or _folder(path)
                project.importers.setdefault(name, set()).add(path)
    return project.importers


def mentions(module: Module, word: str) -> bool:
    """Tell whether another file of the project holds a word together with application state."""
    joint = rb"(?:\.|\[\s*[\"']|\s*,\s*[\"'])"
    needle = re.compile(rb"(?<![/\w])(?:state|app|ctx|extensions|config)" + joint + re.escape(word).encode() + rb"\b")
    for path in python_files(module.project.root):
        if path != module.path and needle.search(read_bytes(path) or b""):
            return True
    return False
