"""The modules that import a module: one bounded look over the project's files, taken only when a rule asks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from flake8_async_sqla.semantics.imports import source_of
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.source import MAX_BYTES, inside
from flake8_async_sqla.semantics.types import ProjectModule

MAX_FILES = 20_000
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist"})
_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)


def python_files(root: str) -> Iterator[str]:
    """Yield the Python files below a directory, in a fixed order; hidden directories and environments are left out."""
    count = 0
    for directory, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED
            and not name.startswith(".")
            and not os.path.exists(os.path.join(directory, name, "pyvenv.cfg"))
        )
        for name in sorted(files):
            path = os.path.join(directory, name)
            if name.endswith(".py") and os.path.isfile(path) and (not os.path.islink(path) or inside(path, root)):
                count += 1
                if count > MAX_FILES:
                    return
                yield path


def importers(module: Module) -> list[Module]:
    """List the modules that import a module, directly or through a package that re-exports it."""
    return module.cached("importers", lambda: _importers(module))  # type: ignore[return-value]


def dependents(module: Module) -> list[Module]:
    """List a module, the modules that import it, and those that import these: a factory, its dependency, its routes."""
    near = importers(module)
    far = [other for place in near for other in importers(place)]
    return list(dict.fromkeys([module, *near, *far]))


def _importers(module: Module) -> list[Module]:
    table = _table(module)
    found: list[Module] = []
    for target in [module, *_reexporters(module, table)]:
        for path in sorted(table.get(_stem(target), set()) | table.get(_folder(target), set())):
            other = module.project.load(path)
            if other is not None and other != module and other not in found and _imports(other, target):
                found.append(other)
    return found


def _reexporters(module: Module, table: dict[str, set[str]]) -> list[Module]:
    package = os.path.join(os.path.dirname(module.path), "__init__.py")
    if package == module.path or package not in table.get(_stem(module), ()):
        return []
    loaded = module.project.load(package)
    return [loaded] if loaded is not None and _imports(loaded, module) else []


def _stem(module: Module) -> str:
    name = os.path.splitext(os.path.basename(module.path))[0]
    return _folder(module) if name == "__init__" else name


def _folder(module: Module) -> str:
    return os.path.basename(os.path.dirname(module.path))


def _table(module: Module) -> dict[str, set[str]]:
    """Map the last part of every imported module's name to the files that import it."""
    project = module.project
    if project.importers is None:
        project.importers = {}
        for path in python_files(project.root):
            for name in _imported_names(path):
                project.importers.setdefault(name, set()).add(path)
    return project.importers


def _imported_names(path: str) -> set[str]:
    try:
        if os.stat(path).st_size > MAX_BYTES:
            return set()
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError:
        return set()
    names: set[str] = set()
    for match in _IMPORT.finditer(data):
        if match[1] is not None:
            name = match[1].decode("ascii", "replace").rpartition(".")[2]
            names.add(name or os.path.basename(os.path.dirname(path)))
        else:
            for part in match[2].decode("ascii", "replace").split(","):
                names.update(part.split(" as ")[0].strip().split("."))
    return names


def _imports(module: Module, target: Module) -> bool:
    for scope in module.index.scopes.values():
        for bindings in scope.names.values():
            for binding in bindings:
                if binding.kind != "import":
                    continue
                source = source_of(module, binding.target)
                if source is not None and source[0] == target:
                    return True
                if _module_of(module, binding.target) == target:
                    return True
        for star in scope.star_imports:
            source = source_of(module, f"{star}:*")
            if source is not None and source[0] == target:
                return True
    return False


def _module_of(module: Module, target: str) -> Module | None:
    from flake8_async_sqla.semantics.imports import resolve

    found = resolve(module, target)
    return found.module if isinstance(found, ProjectModule) else None


def mentions(module: Module, word: str) -> bool:
    """Tell whether another file of the project holds a word together with application state."""
    joint = rb"(?:\.|\[\s*[\"']|\s*,\s*[\"'])"
    needle = re.compile(rb"(?<![/\w])(?:state|app|ctx|extensions|config)" + joint + re.escape(word).encode() + rb"\b")
    for path in python_files(module.project.root):
        if path == module.path:
            continue
        try:
            with open(path, "rb") as stream:
                if needle.search(stream.read(MAX_BYTES)):
                    return True
        except OSError:
            continue
    return False
